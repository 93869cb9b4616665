import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Database, sqlFile } from '../platform/database/index.js';
import { withoutDeadline } from '../platform/deadline/index.js';
import { Drain } from '../platform/lifecycle/index.js';
import { Log } from '../platform/logging/index.js';
import { Loop } from '../platform/loops/index.js';
import { TooManyWaiting } from './events.errors.js';

interface Waiter {
  readonly position: number;
  readonly settle: (hasMoved: boolean) => void;
}

const everyMs = 100;
/** Of one tenant in one process: a request that waits keeps a connection of the server. */
const mostOfATenant = 50;

const readFeedPositions = sqlFile(import.meta.url, './sql/read-feed-positions.sql');

/**
 * Tells requests that wait that their feed has grown. One small statement every 100 ms asks for all that wait in this
 * process, and none while nobody does; who waits holds no database connection.
 */
@Injectable()
export class FeedWatch implements BeforeApplicationShutdown {
  private readonly waiting = new Map<string, Set<Waiter>>();
  private readonly loop: Loop;

  constructor(
    private readonly database: Database,
    private readonly drain: Drain,
    log: Log,
  ) {
    this.loop = new Loop(() => this.runOnce(), { name: 'feed-watch', intervalMs: everyMs, log });
    drain.signal.addEventListener('abort', () => this.letAllGo());
  }

  /**
   * Resolves with true once the feed goes beyond the position, else with false: when the time is over, the signal
   * aborts, or the process drains.
   * @throws TooManyWaiting
   */
  moved(
    tenantId: string,
    position: number,
    withinMs: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    const ofTenant = this.waiting.get(tenantId) ?? new Set<Waiter>();
    if (ofTenant.size >= mostOfATenant) throw new TooManyWaiting(mostOfATenant);
    if (this.drain.draining || signal.aborted) return Promise.resolve(false);
    return new Promise<boolean>((resolve) => {
      const giveUp = (): void => waiter.settle(false);
      const timer = setTimeout(giveUp, withinMs);
      const waiter: Waiter = {
        position,
        settle: (hasMoved) => {
          clearTimeout(timer);
          signal.removeEventListener('abort', giveUp);
          ofTenant.delete(waiter);
          if (ofTenant.size === 0) this.waiting.delete(tenantId);
          if (this.waiting.size === 0) void this.loop.stop();
          resolve(hasMoved);
        },
      };
      signal.addEventListener('abort', giveUp);
      ofTenant.add(waiter);
      this.waiting.set(tenantId, ofTenant);
      withoutDeadline(() => this.loop.start());
    });
  }

  async runOnce(): Promise<void> {
    if (this.waiting.size === 0) return;
    const rows = await this.database.transaction('reads', { role: 'operator' }, (tx) =>
      tx.query<{ tenant_id: string; position: number }>(readFeedPositions, [
        [...this.waiting.keys()],
      ]),
    );
    for (const { tenant_id: tenantId, position } of rows)
      for (const waiter of this.waiting.get(tenantId) ?? [])
        if (position > waiter.position) waiter.settle(true);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.letAllGo();
    await this.loop.stop();
  }

  private letAllGo(): void {
    for (const waiters of this.waiting.values()) for (const waiter of waiters) waiter.settle(false);
  }
}
