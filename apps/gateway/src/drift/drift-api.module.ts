import { Module } from '@nestjs/common';
import { DriftReader } from './drift-reader.js';
import { DriftController } from './drift.controller.js';

/**
 * Owns: nothing; the rows are those of DriftModule.
 * Offers: /admin/drift, in the api role.
 * Calls: tenants (the operators' guard), platform.
 */
@Module({ controllers: [DriftController], providers: [DriftReader] })
export class DriftApiModule {}
