import { Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { MessagesModule } from '../messages/index.js';
import { DailyProof } from './daily-proof.js';
import { ProofRunner } from './proof-runner.js';
import { ProofSchedule } from './proof-schedule.js';
import { Reconciler } from './reconciler.js';

/**
 * Owns: reconciliations; else it marks and ends what time brings about.
 * Offers: the scheduled steps and the daily proof, in the worker role.
 * Calls: messages (promotion, expiry, closing), platform (partitions); the proof reads every table that knows a message.
 */
@Module({
  imports: [ScheduleModule.forRoot(), MessagesModule],
  providers: [DailyProof, ProofRunner, ProofSchedule, Reconciler],
})
export class ReconciliationModule {}
