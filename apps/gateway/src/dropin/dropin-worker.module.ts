import { Module } from '@nestjs/common';
import { TimelineModule } from '../timeline/index.js';
import { CallbackCaller } from './callback-caller.js';
import { CallbackPlanner } from './callback-planner.js';
import { CallbackWorker } from './callback-worker.js';
import { DropinModule } from './dropin.module.js';

/**
 * Owns: dropin_callbacks.
 * Offers: the calls of a client's callback_url; their loop runs in the worker role.
 * Calls: timeline (events), platform (the outbound client).
 */
@Module({
  imports: [DropinModule, TimelineModule],
  providers: [CallbackPlanner, CallbackCaller, CallbackWorker],
})
export class DropinWorkerModule {}
