import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/index.js';
import { Database } from '../platform/database/index.js';
import { LaneQueue, type PageRequest, type QueuedRow } from '../queue/index.js';
import { beforeAll, mostOfALine } from './lane-buffer.js';
import { LaneRegistry } from './lane-registry.js';
import type { LaneState } from './lane-state.js';

/** Late commits that one reading from earlier on has room for. */
const mostLateCommits = 500;
/** A flush lives three seconds; ids that were given this long ago have committed, or never will. */
const lateCommitsMs = 30_000;
const rereadEveryMs = 1_000;
const fromHeadEveryMs = 60_000;
const idleReadEveryMs = 200;

const lines = [0, 1, 2] as const;

interface Reading {
  readonly lane: LaneState;
  readonly request: PageRequest;
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
    const pages = new Map<string, { count: number; last: string }>();
    for (const row of rows) {
      const lane = this.registry.find(row.accountId);
      if (!lane) continue;
      lane.buffer.add({ messageId: row.messageId, class: row.class as 0 | 1 | 2, pos: row.pos });
      const page = pages.get(keyOf(row)) ?? { count: 0, last: beforeAll };
      page.count += 1;
      if (row.pos > page.last) page.last = row.pos;
      pages.set(keyOf(row), page);
    }
    return this.note(readings, pages);
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

  private forward(lane: LaneState): Reading[] {
    return lines.flatMap((line) => this.onwards(lane, line));
  }

  /** On from the position, where the class has room in the buffer. */
  private onwards(lane: LaneState, line: 0 | 1 | 2): Reading[] {
    const room = mostOfALine - lane.buffer.waiting[line];
    if (room < mostOfALine / 4) return [];
    return [{ lane, request: pageOf(lane, line, lane.buffer.position(line), room) }];
  }

  /**
   * Again from an earlier place; rows that are known already do not count, so the page leaves room for them. Where
   * the position lies before that place, all that follows is unread, and reading goes on as ever.
   */
  private again(lane: LaneState, from: string): Reading[] {
    return lines.flatMap((line) => {
      if (from >= lane.buffer.position(line)) return this.onwards(lane, line);
      const limit = lane.buffer.knownIn(line) + mostLateCommits;
      return [{ lane, request: pageOf(lane, line, from, limit) }];
    });
  }

  /** The smallest UUIDv7 of half a minute ago. */
  private lateCommitsFrom(): string {
    const hex = Math.floor(this.clock.nowMs() - lateCommitsMs)
      .toString(16)
      .padStart(12, '0');
    return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
  }

  private note(
    readings: readonly Reading[],
    pages: ReadonlyMap<string, { count: number; last: string }>,
  ): boolean {
    for (const { lane } of readings) lane.mayHaveMore = false;
    let more = false;
    for (const { lane, request } of readings) {
      const page = pages.get(keyOf(request));
      if (!page) continue;
      lane.buffer.moveOn(request.class as 0 | 1 | 2, page.last);
      lane.lastBusyMs = this.clock.monotonicMs();
      if (page.count >= request.limit) {
        lane.mayHaveMore = true;
        more = true;
      }
    }
    return more;
  }
}

function keyOf(page: { readonly accountId: string; readonly class: number }): string {
  return `${page.accountId}/${page.class}`;
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
