import { Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { MessagesModule } from '../messages/index.js';
import { Reconciler } from './reconciler.js';

/**
 * Owns: nothing; it marks and ends what time brings about.
 * Offers: the scheduled steps, in the worker role.
 * Calls: messages (promotion, expiry, closing), platform (partitions).
 */
@Module({ imports: [ScheduleModule.forRoot(), MessagesModule], providers: [Reconciler] })
export class ReconciliationModule {}
