export { LanesModule } from './lanes.module.js';
export { pollShare } from './lane-state.js';
