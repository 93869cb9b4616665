import { Module } from '@nestjs/common';
import { ProofReader } from './proof-reader.js';
import {
  AdminReconciliationsController,
  ReconciliationsController,
} from './reconciliations.controller.js';

/**
 * Owns: nothing; the rows are those of ReconciliationModule.
 * Offers: /v1/reconciliations and /admin/reconciliations, in the api role.
 * Calls: tenants (guards), platform.
 */
@Module({
  controllers: [ReconciliationsController, AdminReconciliationsController],
  providers: [ProofReader],
})
export class ReconciliationApiModule {}
