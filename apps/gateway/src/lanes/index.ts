export { LanesModule } from './lanes.module.js';
