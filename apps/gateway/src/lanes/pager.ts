import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/index.js';
import { Database } from '../platform/database/index.js';
import { LaneQueue, type PageRequest, type QueuedRow } from '../queue/index.js';
import { LaneRegistry } from './lane-registry.js';
import { beforeAll, type LaneState } from './lane-state.js';

const bufferRows = 1_000;
/** A flush lives three seconds; ids that were given this long ago have committed, or never will. */
const lateCommitsMs = 30_000;
const rereadEveryMs = 1_000;
const fromHeadEveryMs = 60_000;
const idleReadEveryMs = 200;

interface Reading {
  readonly lane: LaneState;
  readonly request: PageRequest;
  /** Goes on from the position, and moves it. */
  readonly isForward: boolean;
}

/**
 * Reads the queues of the owned lanes ahead. Work is found by existence, never by "after the last id seen": ids are
 * given before they commit, so the position is a hint, and the reading starts again from earlier on (DISPATCH 17).
 */
@Injectable()
export class Pager {
  private rereadAtMs = 0;
  private fromHeadAtMs = 0;
  private idleReadAtMs = 0;

  constructor(
    private readonly registry: LaneRegistry,
    private readonly database: Database,
    private readonly queue: LaneQueue,
    private readonly clock: Clock,
  ) {}

  /** One round over all lanes that may have something to read. Returns true when a lane has more. */
  async runOnce(): Promise<boolean> {
    const readings = this.plan(this.clock.monotonicMs());
    if (readings.length === 0) return false;
    const rows = await this.read(readings);
    const counts = new Map<string, number>();
    for (const row of rows) {
      const lane = this.registry.find(row.accountId);
      if (!lane) continue;
      lane.buffer.add({ messageId: row.messageId, class: row.class as 0 | 1 | 2, pos: row.pos });
      const key = `${row.accountId}/${row.class}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
      const line = row.class as 0 | 1 | 2;
      if (row.pos > lane.positions[line]) lane.positions[line] = row.pos;
    }
    return this.note(readings, counts);
  }

  private async read(readings: readonly Reading[]): Promise<QueuedRow[]> {
    try {
      return await this.database.transaction('hot', { role: 'worker' }, (tx) =>
        this.queue.page(
          tx,
          readings.map(({ request }) => request),
        ),
      );
    } catch (error) {
      for (const { lane, request } of readings)
        if (request.after === beforeAll) lane.readFromHead = true;
      throw error;
    }
  }

  private plan(nowMs: number): Reading[] {
    const reread = nowMs - this.rereadAtMs >= rereadEveryMs;
    const fromHead = nowMs - this.fromHeadAtMs >= fromHeadEveryMs;
    const idleRead = nowMs - this.idleReadAtMs >= idleReadEveryMs;
    if (reread) this.rereadAtMs = nowMs;
    if (fromHead) this.fromHeadAtMs = nowMs;
    if (idleRead) this.idleReadAtMs = nowMs;
    return this.registry.all().flatMap((lane) => {
      if (lane.gone || lane.releasing) return [];
      if (fromHead || (lane.readFromHead && idleRead)) {
        lane.readFromHead = false;
        return this.again(lane, beforeAll);
      }
      if (reread) return this.again(lane, this.lateCommitsFrom());
      if (!lane.mayHaveMore && !idleRead) return [];
      return this.forward(lane);
    });
  }

  /** On from the position of each class that has room in the buffer. */
  private forward(lane: LaneState): Reading[] {
    const { waiting } = lane.buffer;
    return ([0, 1, 2] as const).flatMap((line) => {
      const room = bufferRows - waiting[line];
      if (room < bufferRows / 4) return [];
      return [{ lane, request: pageOf(lane, line, lane.positions[line], room), isForward: true }];
    });
  }

  /** Again from an earlier place; rows that are known already do not count, so the page leaves room for them. */
  private again(lane: LaneState, from: string): Reading[] {
    return ([0, 1, 2] as const).map((line) => {
      const after = from < lane.positions[line] ? from : lane.positions[line];
      const limit = lane.buffer.knownSize + bufferRows / 2;
      return { lane, request: pageOf(lane, line, after, limit), isForward: false };
    });
  }

  /** The smallest UUIDv7 of half a minute ago. */
  private lateCommitsFrom(): string {
    const hex = Math.floor(this.clock.nowMs() - lateCommitsMs)
      .toString(16)
      .padStart(12, '0');
    return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
  }

  private note(readings: readonly Reading[], counts: ReadonlyMap<string, number>): boolean {
    for (const { lane } of readings) lane.mayHaveMore = false;
    let more = false;
    for (const { lane, request } of readings) {
      const read = counts.get(`${request.accountId}/${request.class}`) ?? 0;
      if (read > 0) lane.lastBusyMs = this.clock.monotonicMs();
      if (read >= request.limit) {
        lane.mayHaveMore = true;
        more = true;
      }
    }
    return more;
  }
}

function pageOf(lane: LaneState, line: 0 | 1 | 2, after: string, limit: number): PageRequest {
  return {
    tenantId: lane.lease.tenantId,
    accountId: lane.lease.accountId,
    class: line,
    after,
    limit,
  };
}
