export { AdminApiModule } from './admin-api.module.js';
export { SystemStateModule } from './system-state.module.js';
