import { Module } from '@nestjs/common';
import { DriftCounter } from './drift-counter.js';
import { DriftFlusher } from './drift-flusher.js';

/**
 * Owns: drift.
 * Offers: DriftCounter, to whoever hears the provider; its flush runs in every role.
 * Calls: platform; the outbox, for an event of the operator's a day.
 */
@Module({ providers: [DriftCounter, DriftFlusher], exports: [DriftCounter] })
export class DriftModule {}
