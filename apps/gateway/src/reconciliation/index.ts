export { ReconciliationApiModule } from './reconciliation-api.module.js';
export { ReconciliationModule } from './reconciliation.module.js';
