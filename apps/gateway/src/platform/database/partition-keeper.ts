import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Configuration } from '../config/index.js';
import { Log } from '../logging/index.js';
import { Database } from './database.js';

/** `send_at` lies 30 days ahead at the most, and an id carries the time of acceptance: five weeks are enough. */
const weeksAhead = 5;
const feedDays = 30;

/** Makes partitions ahead and drops those whose time is over, never with work in hand. */
@Injectable()
export class PartitionKeeper implements OnApplicationBootstrap {
  constructor(
    private readonly database: Database,
    private readonly configuration: Configuration,
    private readonly log: Log,
  ) {}

  /** Before anything is accepted: after weeks of standstill the first ids would fall beside all partitions. */
  async onApplicationBootstrap(): Promise<void> {
    try {
      await this.makeAhead();
    } catch (error) {
      this.log.warn({ err: error }, 'partitions could not be made at the start; it is tried again');
    }
  }

  async runOnce(): Promise<void> {
    await this.makeAhead();
    for (let dropped = await this.dropOne(); dropped !== null; dropped = await this.dropOne()) {
      this.log.info({ partition: dropped }, 'a partition past retention was dropped');
    }
  }

  /** How far ahead partitions reach, and how many rows fell beside them (an alarm when not 0). */
  async horizon(): Promise<{ horizon: Date; strays: number }> {
    return this.database.transaction('reads', { role: 'worker' }, async (tx) => {
      const [row] = await tx.query<{ horizon: Date; strays: number }>(
        'select * from partition_horizon()',
      );
      return row as { horizon: Date; strays: number };
    });
  }

  private async makeAhead(): Promise<void> {
    const made = await this.database.transaction(
      'reads',
      { role: 'worker', statementTimeoutMs: 10_000 },
      async (tx) => {
        const [row] = await tx.query<{ made: number }>('select make_partitions($1) as made', [
          weeksAhead,
        ]);
        return row?.made ?? 0;
      },
    );
    if (made > 0) this.log.info({ partitions: made }, 'partitions made ahead');
  }

  private async dropOne(): Promise<string | null> {
    return this.database.transaction(
      'reads',
      { role: 'worker', statementTimeoutMs: 10_000 },
      async (tx) => {
        const [row] = await tx.query<{ dropped: string | null }>(
          `select drop_old_partition(app_clock() - make_interval(days => $1), app_clock() - make_interval(days => $2)) as dropped`,
          [this.configuration.retentionDays, feedDays],
        );
        return row?.dropped ?? null;
      },
    );
  }
}
