// Owns no table.
// Offers the state of the installation to the overview, and as metrics in every role.
// May call accounts and lanes (words and constants).
import { Module } from '@nestjs/common';
import { SystemMetrics } from './system-metrics.js';
import { SystemStateReader } from './system-state.js';

@Module({ providers: [SystemStateReader, SystemMetrics], exports: [SystemStateReader] })
export class SystemStateModule {}
