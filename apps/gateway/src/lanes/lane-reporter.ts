import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/index.js';
import { Database, sqlFile } from '../platform/database/index.js';
import { LaneRegistry } from './lane-registry.js';
import type { LaneState } from './lane-state.js';

const publishReports = sqlFile(import.meta.url, './sql/publish-reports.sql');

/** Publishes what operators see of the lanes, where it changed. */
@Injectable()
export class LaneReporter {
  constructor(
    private readonly registry: LaneRegistry,
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  async runOnce(): Promise<void> {
    const changed = this.registry.all().flatMap((lane) => {
      const report = JSON.stringify(this.reportOf(lane));
      return report === lane.report ? [] : [{ lane, report }];
    });
    if (changed.length === 0) return;
    await this.database.transaction('hot', { role: 'worker' }, (tx) =>
      tx.query(publishReports, [
        changed.map(({ lane }) => lane.lease.tenantId),
        changed.map(({ lane }) => lane.lease.accountId),
        changed.map(({ lane }) => lane.lease.token),
        changed.map(({ report }) => report),
      ]),
    );
    for (const { lane, report } of changed) lane.report = report;
  }

  private reportOf(lane: LaneState): object {
    const waiting = lane.waitingLog.current;
    const sinceMs = waiting
      ? this.clock.nowMs() - (this.clock.monotonicMs() - waiting.sinceMs)
      : null;
    return {
      state: waiting === null ? (lane.inFlight > 0 ? 'sending' : 'idle') : 'waiting',
      reason: waiting?.reason ?? null,
      // To the second: a report that only counts up is not written again.
      since: sinceMs === null ? null : new Date(Math.round(sinceMs / 1_000) * 1_000).toISOString(),
      rate_per_second: Number(lane.sends.rate.toFixed(2)),
      in_flight: lane.inFlight,
      breaker: lane.breaker.isClosed ? 'closed' : 'open',
      last_outcomes: lane.lastOutcomes,
    };
  }
}
