import { Module } from '@nestjs/common';
import { DropinMetrics } from './dropin-metrics.js';

/**
 * Owns: no table.
 * Offers: what both roles of the door count.
 * Calls: platform.
 */
@Module({ providers: [DropinMetrics], exports: [DropinMetrics] })
export class DropinModule {}
