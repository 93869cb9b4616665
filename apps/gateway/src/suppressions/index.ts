export { OptOuts } from './opt-outs.js';
export { SuppressionsApiModule } from './suppressions-api.module.js';
export { SuppressionsModule } from './suppressions.module.js';
