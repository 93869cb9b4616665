export { ReceiptsApiModule } from './receipts-api.module.js';
export { ReceiptsWorkerModule } from './receipts-worker.module.js';
