import { Module } from '@nestjs/common';
import { LaneQueue } from './lane-queue.js';
import { QueueDepth } from './queue-depth.js';
import { QueueRows } from './queue-rows.js';

/**
 * Owns: outgoing, scheduled, intents, awaiting.
 * Offers: LaneQueue, QueueRows, QueueDepth: statements and verdicts, no loops.
 * Calls: platform, and nothing above.
 */
@Module({
  providers: [LaneQueue, QueueDepth, QueueRows],
  exports: [LaneQueue, QueueDepth, QueueRows],
})
export class QueueModule {}
