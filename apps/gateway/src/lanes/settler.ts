import { Injectable } from '@nestjs/common';
import {
  Database,
  DatabaseMetrics,
  GroupCommit,
  isDataRefused,
} from '../platform/database/index.js';
import { Log } from '../platform/logging/index.js';
import { EvidenceMerger, type Evidence } from '../messages/index.js';
import {
  LaneQueue,
  QueueRows,
  type IntentKey,
  type Outcome,
  type QueueFate,
} from '../queue/index.js';
import type { LaneState } from './lane-state.js';

const byKeys = { role: 'worker', plans: 'by_keys_alone' } as const;

/** One finished attempt of an owned lane. */
export interface FinishedAttempt {
  readonly lane: LaneState;
  readonly intentId: string;
  readonly outcome: Outcome;
}

/**
 * `fenced`: another owner holds the lane, and has judged the attempt already. `gone`: the row is not there any
 * more, as after a settle whose COMMIT was taken without an answer. In both cases what we know is evidence.
 */
export type SettleVerdict = QueueFate | 'fenced' | 'gone';

const rowsPerFlush = 1_000;

/** Writes outcomes, several lanes in one transaction (DISPATCH 6). It checks the token, never the time. */
@Injectable()
export class Settler {
  private readonly commit: GroupCommit<FinishedAttempt, SettleVerdict>;

  constructor(
    private readonly database: Database,
    private readonly queue: LaneQueue,
    private readonly queueRows: QueueRows,
    private readonly merger: EvidenceMerger,
    private readonly log: Log,
    metrics: DatabaseMetrics,
  ) {
    this.commit = new GroupCommit((finished) => this.flush(finished), {
      maxRows: rowsPerFlush,
      maxWaitingRows: Number.MAX_SAFE_INTEGER,
      rowsOf: () => 1,
      observe: metrics.observerOf('settle'),
      // What was learned is not given up because the database is away: the token decides when it is back.
      patienceMs: Number.POSITIVE_INFINITY,
    });
  }

  async settle(finished: FinishedAttempt): Promise<SettleVerdict> {
    try {
      return await this.commit.submit(finished);
    } catch (error) {
      if (!isDataRefused(error)) throw error;
      // What became of the message counts; what the timeline would have told beside it does not.
      this.log.error(
        { err: error },
        'an outcome is written without its details, which were refused',
      );
      const outcome = { ...finished.outcome, detail: {} };
      return this.commit.submit({ ...finished, outcome });
    }
  }

  drained(): Promise<void> {
    return this.commit.drained();
  }

  private async flush(finished: FinishedAttempt[]): Promise<SettleVerdict[]> {
    const verdicts = await this.database.transaction('hot', byKeys, async (tx) => {
      const holding = new Set<LaneState>();
      for (const [worker, lanes] of lanesByWorker(finished)) {
        const held = await this.queue.hold(
          tx,
          worker,
          lanes.map((lane) => lane.lease),
        );
        for (const lane of lanes) if (held.has(lane.lease)) holding.add(lane);
      }
      const mine = finished.filter(({ lane }) => holding.has(lane));
      if (mine.length === 0) return finished.map(() => 'fenced' as const);
      await this.queueRows.lock(
        tx,
        mine.map(({ outcome }) => outcome),
      );
      const intents = intentsOf(mine);
      await this.queue.lockIntents(tx, intents);
      const settled = await this.queue.settle(
        tx,
        mine.map(({ outcome }) => outcome),
        intents,
      );
      const fates = new Map(settled.map((row) => [row.message_id, row.fate]));
      await this.merger.merge(tx, refusals(mine, fates));
      return finished.map(({ lane, outcome }) =>
        holding.has(lane) ? (fates.get(outcome.messageId) ?? 'gone') : 'fenced',
      );
    });
    // Only after the commit: until then it counts as on the wire.
    for (const { lane, intentId, outcome } of finished) closeId(lane, intentId, outcome.messageId);
    return verdicts;
  }
}

function lanesByWorker(finished: readonly FinishedAttempt[]): Map<string, LaneState[]> {
  const lanes = new Map<string, Set<LaneState>>();
  for (const { lane } of finished) {
    const known = lanes.get(lane.worker);
    if (known) known.add(lane);
    else lanes.set(lane.worker, new Set([lane]));
  }
  return new Map([...lanes].map(([worker, set]) => [worker, [...set]]));
}

function intentsOf(finished: readonly FinishedAttempt[]): IntentKey[] {
  const intents = new Map<string, IntentKey>();
  for (const { lane, intentId } of finished)
    intents.set(intentId, { tenantId: lane.lease.tenantId, id: intentId });
  return [...intents.values()];
}

function closeId(lane: LaneState, intentId: string, messageId: string): void {
  const open = lane.intents.get(intentId);
  open?.delete(messageId);
  if (open?.size === 0) lane.intents.delete(intentId);
}

function refusals(
  finished: readonly FinishedAttempt[],
  fates: ReadonlyMap<string, QueueFate>,
): Evidence[] {
  return finished.flatMap(({ outcome }) => {
    if (fates.get(outcome.messageId) !== 'refused') return [];
    return [
      {
        tenantId: outcome.tenantId,
        messageId: outcome.messageId,
        attempt: outcome.attempt,
        source: 'answer' as const,
        status: 'rejected' as const,
        isFinal: true,
        at: outcome.at,
        // The attempt's own event tells the refusal.
        eventType: null,
        code: outcome.code,
        message: parameterOf(outcome),
      },
    ];
  });
}

function parameterOf(outcome: Outcome): string | null {
  const { parameter } = outcome.detail;
  return typeof parameter === 'string' ? `The provider refused the parameter ${parameter}.` : null;
}
