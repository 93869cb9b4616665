export { DropinApiModule } from './dropin-api.module.js';
export { DropinWorkerModule } from './dropin-worker.module.js';
