import { Injectable } from '@nestjs/common';
import type { LaneState } from './lane-state.js';
import { WorkerPresence } from './worker-presence.js';

/** The lanes that this process owns. Lost lanes leave at once; what they have under way ends as evidence. */
@Injectable()
export class LaneRegistry {
  private readonly lanes = new Map<string, LaneState>();

  constructor(presence: WorkerPresence) {
    presence.onLost(() => this.dropAll());
  }

  get size(): number {
    return this.lanes.size;
  }

  all(): LaneState[] {
    return [...this.lanes.values()];
  }

  find(accountId: string): LaneState | undefined {
    return this.lanes.get(accountId);
  }

  add(lane: LaneState): void {
    const former = this.lanes.get(lane.lease.accountId);
    if (former) former.gone = true;
    this.lanes.set(lane.lease.accountId, lane);
  }

  /** Only this very lease: a newer one of the same account stays. */
  drop(lane: LaneState): void {
    lane.gone = true;
    if (this.lanes.get(lane.lease.accountId) === lane) this.lanes.delete(lane.lease.accountId);
  }

  dropAll(): void {
    for (const lane of this.all()) this.drop(lane);
  }
}
