import { Injectable } from '@nestjs/common';
import {
  CommitOutcomeUnknown,
  Database,
  DatabaseMetrics,
  GroupCommit,
  type Transaction,
} from '../platform/database/index.js';
import {
  LaneQueue,
  QueueRows,
  type HeldLane,
  type IntendedRow,
  type IntentRequest,
} from '../queue/index.js';
import { MessageEnder } from '../messages/index.js';

const byKeys = { role: 'worker', plans: 'by_keys_alone' } as const;

/** What one lane asks for: rows for which it has tokens and sockets at this moment. */
export interface WantedIntent {
  readonly worker: string;
  readonly lease: IntentRequest;
  /** A trial while the connection is paused: one message, to learn whether it may go on. */
  readonly isProbe: boolean;
}

export type Granted =
  | { readonly kind: 'granted'; readonly epoch: number; readonly rows: readonly IntendedRow[] }
  /** Another worker owns the lane now. */
  | { readonly kind: 'lost' }
  /** The account or its connection was paused meanwhile: nothing may go out. */
  | { readonly kind: 'paused' }
  /** The installation is on hold: nothing may go out of any lane. */
  | { readonly kind: 'on_hold' };

const rowsPerFlush = 2_000;

/** Commits intents, several lanes in one transaction (DISPATCH 5). Nothing goes out before its intent stands. */
@Injectable()
export class Intender {
  private readonly commit: GroupCommit<WantedIntent, Granted>;
  /** Their COMMIT went unanswered: the intent may stand, and nothing of it was sent. */
  private readonly inDoubt = new WeakSet<WantedIntent>();

  constructor(
    private readonly database: Database,
    private readonly queue: LaneQueue,
    private readonly queueRows: QueueRows,
    private readonly ender: MessageEnder,
    metrics: DatabaseMetrics,
  ) {
    this.commit = new GroupCommit((wanted) => this.flush(wanted), {
      maxRows: rowsPerFlush,
      maxWaitingRows: Number.MAX_SAFE_INTEGER,
      rowsOf: (wanted) => wanted.lease.messageIds.length,
      observe: metrics.observerOf('intend'),
      // Tried until the outcome of its COMMIT is known: an intent that nobody remembers would make its messages
      // uncertain. What comes too late is kept off the wire by the budget of the intent.
      patienceMs: Number.POSITIVE_INFINITY,
    });
  }

  intend(wanted: WantedIntent): Promise<Granted> {
    return this.commit.submit(wanted);
  }

  private async flush(wanted: WantedIntent[]): Promise<Granted[]> {
    try {
      return await this.write(wanted);
    } catch (error) {
      if (error instanceof CommitOutcomeUnknown)
        for (const asked of wanted) this.inDoubt.add(asked);
      throw error;
    }
  }

  private async write(wanted: readonly WantedIntent[]): Promise<Granted[]> {
    return this.database.transaction('hot', byKeys, async (tx) => {
      const held = await this.hold(tx, wanted);
      await this.withdraw(
        tx,
        wanted.filter((asked) => this.inDoubt.has(asked) && held.has(asked)),
      );
      const verdicts = wanted.map((asked) => verdictOn(asked, held.get(asked)));
      const granted = wanted.flatMap((asked, index) => {
        const verdict = verdicts[index] as Verdict;
        return verdict.kind === 'granted' ? [{ asked, epoch: verdict.epoch }] : [];
      });
      const rows: IntendedRow[] = [];
      for (const [worker, group] of byWorker(granted, ({ asked }) => asked.worker)) {
        const requests = group.map(({ asked, epoch }) => ({ ...asked.lease, epoch }));
        rows.push(...(await this.queue.intend(tx, worker, requests)));
      }
      await this.endExpired(tx, rows);
      const byIntent = groupRows(rows);
      return wanted.map(({ lease }, index) => {
        const verdict = verdicts[index] as Verdict;
        if (verdict.kind !== 'granted') return verdict;
        return { ...verdict, rows: byIntent.get(lease.intentId) ?? [] };
      });
    });
  }

  /** Each under the name by which it asks: who was declared lost between two of them holds nothing by the former one. */
  private async hold(
    tx: Transaction,
    wanted: readonly WantedIntent[],
  ): Promise<Map<WantedIntent, HeldLane>> {
    const held = new Map<WantedIntent, HeldLane>();
    for (const [worker, group] of byWorker(wanted, (asked) => asked.worker)) {
      const lanes = await this.queue.hold(
        tx,
        worker,
        group.map(({ lease }) => lease),
      );
      for (const asked of group) {
        const lane = lanes.get(asked.lease);
        if (lane) held.set(asked, lane);
      }
    }
    return held;
  }

  /**
   * What stands of an earlier try goes before the next one judges anew: rows that were held then may be free now, and
   * those that were free may be held, over or paused. The earlier try may still be in its COMMIT: it holds the queue
   * rows until it has ended, so their locks come first, and the intents are looked for in a second statement.
   */
  private async withdraw(tx: Transaction, asked: readonly WantedIntent[]): Promise<void> {
    if (asked.length === 0) return;
    await this.queueRows.lock(
      tx,
      asked.flatMap(({ lease }) =>
        lease.messageIds.map((messageId) => ({ tenantId: lease.tenantId, messageId })),
      ),
    );
    await this.queue.withdraw(
      tx,
      asked.map(({ lease }) => ({ tenantId: lease.tenantId, id: lease.intentId })),
    );
  }

  /** A row without enough validity left is sorted out here, so that it is never sent. */
  private async endExpired(tx: Transaction, rows: readonly IntendedRow[]): Promise<void> {
    const expired = rows.filter((row) => row.fate === 'expired');
    if (expired.length === 0) return;
    await this.ender.expire(
      tx,
      expired.map((row) => ({ tenantId: row.tenant_id, messageId: row.message_id })),
      'validity_over',
    );
  }
}

type Verdict =
  | { readonly kind: 'granted'; readonly epoch: number }
  | Exclude<Granted, { kind: 'granted' }>;

function verdictOn({ isProbe }: WantedIntent, lane: HeldLane | undefined): Verdict {
  if (!lane) return { kind: 'lost' };
  if (lane.onHold) return { kind: 'on_hold' };
  if (lane.paused || (lane.connectionPaused && !isProbe)) return { kind: 'paused' };
  return { kind: 'granted', epoch: lane.epoch };
}

function byWorker<Asked>(
  all: readonly Asked[],
  workerOf: (asked: Asked) => string,
): Map<string, Asked[]> {
  const groups = new Map<string, Asked[]>();
  for (const asked of all) {
    const group = groups.get(workerOf(asked));
    if (group) group.push(asked);
    else groups.set(workerOf(asked), [asked]);
  }
  return groups;
}

function groupRows(rows: readonly IntendedRow[]): Map<string, IntendedRow[]> {
  const groups = new Map<string, IntendedRow[]>();
  for (const row of rows) {
    const group = groups.get(row.intent_id);
    if (group) group.push(row);
    else groups.set(row.intent_id, [row]);
  }
  return groups;
}
