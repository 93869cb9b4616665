import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/index.js';
import { Log } from '../platform/logging/index.js';
import { LaneQueue, type GraceReturn } from '../queue/index.js';
import { eachLane } from './each-lane.js';
import { LaneRegistry } from './lane-registry.js';
import type { LaneState } from './lane-state.js';
import { WorkerPresence } from './worker-presence.js';

const mostAtOnce = 500;

/** Moves messages whose grace is over back to their place in the queue: the owner of the lane does it, fenced. */
@Injectable()
export class GraceReturner {
  constructor(
    private readonly registry: LaneRegistry,
    private readonly presence: WorkerPresence,
    private readonly database: Database,
    private readonly queue: LaneQueue,
    private readonly log: Log,
  ) {}

  async runOnce(): Promise<void> {
    const failures = await eachLane(
      this.registry.all().filter((lane) => lane.graceDue && !lane.gone && !lane.releasing),
      (lane) => this.returnLane(lane),
    );
    // Until the next refresh, a second from now.
    for (const { lane } of failures) lane.graceDue = false;
    if (failures[0]) {
      const { lane, error } = failures[0];
      this.log.warn(
        { lanes: failures.length, account: lane.lease.accountId, err: error },
        'messages whose grace is over could not go back into the queue',
      );
    }
  }

  private async returnLane(lane: LaneState): Promise<void> {
    const returned = await this.moveBack(lane).catch((error: unknown) => {
      // Where only the answer to the COMMIT was lost, they are in the queue, before all that was read.
      lane.readFromHead = true;
      throw error;
    });
    if (returned === null) {
      this.registry.drop(lane);
      return;
    }
    lane.graceDue = returned.length === mostAtOnce;
    for (const row of returned) {
      if (row.again)
        lane.buffer.add({ messageId: row.message_id, class: row.class as 0 | 1 | 2, pos: row.pos });
    }
  }

  /** null: another worker owns the lane. */
  private moveBack(lane: LaneState): Promise<GraceReturn[] | null> {
    return this.database.transaction('hot', { role: 'worker' }, async (tx) => {
      const held = await this.queue.hold(tx, this.presence.id, [lane.lease]);
      const [mine] = held.values();
      if (!mine) return null;
      // On hold it stays where it is: `after-restore`, run again, would take it for restored work once more.
      return mine.onHold ? [] : this.queue.returnFromGrace(tx, lane.lease, mostAtOnce);
    });
  }
}
