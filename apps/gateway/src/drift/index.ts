export { DriftApiModule } from './drift-api.module.js';
export { DriftCounter } from './drift-counter.js';
export { DriftModule } from './drift.module.js';
export type { DriftPlace } from './drift-places.js';
