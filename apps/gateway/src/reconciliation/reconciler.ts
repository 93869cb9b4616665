import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { MessageEnder, ScheduledPromoter } from '../messages/index.js';
import { Configuration } from '../platform/config/index.js';
import { Database, LaneSignals, PartitionKeeper, sqlFile } from '../platform/database/index.js';
import { Log } from '../platform/logging/index.js';

const markLanesDue = sqlFile(import.meta.url, './sql/mark-lanes-due.sql');
const markLastPolls = sqlFile(import.meta.url, './sql/mark-last-polls.sql');
const dropOldRows = sqlFile(import.meta.url, './sql/drop-old-rows.sql');
const scanQueue = sqlFile(import.meta.url, './sql/scan-queue.sql');

const atOnce = 1_000;
const rowsPerBite = 10_000;
const secondMs = 1_000;
const minuteMs = 60_000;

/**
 * What time brings about, on every worker: scheduled messages come due, validities end, the provider's window
 * closes, lanes without an owner have polls to make. It marks and ends; every call to the provider is made by the
 * owner of a lane. All steps may run on several workers at once.
 */
@Injectable()
export class Reconciler {
  private readonly running = new Set<string>();

  constructor(
    private readonly database: Database,
    private readonly promoter: ScheduledPromoter,
    private readonly ender: MessageEnder,
    private readonly partitions: PartitionKeeper,
    private readonly signals: LaneSignals,
    private readonly configuration: Configuration,
    private readonly log: Log,
  ) {}

  @Interval('promote-scheduled', secondMs / 2)
  async promoteScheduled(): Promise<void> {
    await this.step('promote-scheduled', () => untilFew(() => this.promoter.promote(atOnce)));
  }

  @Interval('expire-overdue', 5 * secondMs)
  async expireOverdue(): Promise<void> {
    await this.step('expire-overdue', async () => {
      while (await this.ender.expireOverdue(atOnce));
    });
  }

  @Interval('close-windows', 30 * secondMs)
  async closeWindows(): Promise<void> {
    await this.step('close-windows', () => untilFew(() => this.ender.closeWindows(atOnce)));
  }

  /** Lanes that nobody owns, but that have a poll or a retry to make. */
  @Interval('mark-lanes-due', 2 * secondMs)
  async markLanesDue(): Promise<void> {
    await this.step('mark-lanes-due', () => this.mark(markLanesDue));
  }

  /** What leaves the provider's window within six hours is asked for before anything is sent. */
  @Interval('mark-last-polls', minuteMs)
  async markLastPolls(): Promise<void> {
    await this.step('mark-last-polls', () =>
      this.database.transaction('hot', { role: 'worker' }, (tx) => tx.query(markLastPolls)),
    );
  }

  /** Repairs a mark that was lost: the queue itself says which lanes have work (DISPATCH 18). */
  @Interval('scan-queue', minuteMs)
  async scanQueue(): Promise<void> {
    await this.step('scan-queue', async () => {
      const repaired = await this.mark(scanQueue);
      if (repaired > 0) this.log.warn({ lanes: repaired }, 'lanes with work were not marked');
    });
  }

  @Interval('keep-partitions', 30 * minuteMs)
  async keepPartitions(): Promise<void> {
    await this.step('keep-partitions', async () => {
      // The alarm comes first: such rows themselves keep the partition of their week from being made.
      const { strays } = await this.partitions.horizon();
      if (strays > 0)
        this.log.error(
          { rows: strays },
          'rows fell beside the partitions: look at docs/operations.md',
        );
      await this.partitions.runOnce();
    });
  }

  @Interval('drop-old-rows', 5 * minuteMs)
  async dropOldRows(): Promise<void> {
    await this.step('drop-old-rows', async () => {
      while ((await this.dropBite()) === rowsPerBite);
    });
  }

  /** Gives how many rows went from the table that lost most. */
  private async dropBite(): Promise<number> {
    return this.database.transaction(
      'reads',
      { role: 'worker', statementTimeoutMs: 30_000 },
      async (tx) => {
        const [bite] = await tx.query<{ largest: number }>(dropOldRows, [
          this.configuration.retentionDays,
          rowsPerBite,
        ]);
        return bite?.largest ?? 0;
      },
    );
  }

  private async mark(statement: typeof markLanesDue): Promise<number> {
    const marked = await this.database.transaction('hot', { role: 'worker' }, (tx) =>
      tx.query<{ account_id: string }>(statement),
    );
    for (const lane of marked) this.signals.announce(lane.account_id);
    return marked.length;
  }

  /** A step never overlaps itself, and a failing one waits for its next turn. */
  private async step(name: string, work: () => Promise<unknown>): Promise<void> {
    if (this.running.has(name)) return;
    this.running.add(name);
    try {
      await work();
    } catch (error) {
      this.log.warn({ err: error, step: name }, 'a step of the reconciler failed');
    } finally {
      this.running.delete(name);
    }
  }
}

async function untilFew(work: () => Promise<number>): Promise<void> {
  while ((await work()) >= atOnce);
}
