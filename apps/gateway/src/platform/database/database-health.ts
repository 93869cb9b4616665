import { Injectable } from '@nestjs/common';
import { Clock } from '../clock/index.js';
import { Database } from './database.js';
import { newestMigration } from './migrations/index.js';
import { sqlStateOf } from './sql-state.js';

export class SchemaTooOld extends Error {
  constructor() {
    super(
      `The database lacks the migration ${newestMigration}: run npm run migrate, or start with MIGRATE_ON_START=true.`,
    );
  }
}

/** No role, no right to take it, no schema, no table, no function: nobody has migrated this database. */
const leavesNothingToAsk = new Set(['22023', '42501', '3F000', '42P01', '42883']);

/** Asks the database, over its reserved connection, whether it is there, fit for this build, and what time it is. */
@Injectable()
export class DatabaseHealth {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** @throws SchemaTooOld, or the driver's error when the database does not answer */
  async check(): Promise<void> {
    try {
      await this.ask();
    } catch (error) {
      throw leavesNothingToAsk.has(sqlStateOf(error) ?? '') ? new SchemaTooOld() : error;
    }
  }

  private async ask(): Promise<void> {
    await this.database.transaction(
      'health',
      { role: 'worker', statementTimeoutMs: 2_000 },
      async (tx) => {
        const sentMs = Date.now();
        const [row] = await tx.query<{ now: Date; ready: boolean }>(
          'select app_clock() as now, exists (select 1 from schema_migrations where name = $1) as ready',
          [newestMigration],
        );
        if (row?.ready !== true) throw new SchemaTooOld();
        this.clock.measure(row.now.getTime(), sentMs, Date.now());
      },
    );
  }

  /** Refuses a server that may forget what it has confirmed (DISPATCH 21). */
  async assertDurable(): Promise<void> {
    await this.database.transaction('health', { role: 'worker' }, async (tx) => {
      const [row] = await tx.query<{ fsync: string; synchronous_commit: string }>(
        `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as synchronous_commit`,
      );
      if (row?.fsync !== 'on') throw new NotDurable('fsync');
      if (row.synchronous_commit === 'off') throw new NotDurable('synchronous_commit');
    });
  }
}

export class NotDurable extends Error {
  constructor(setting: string) {
    super(
      `PostgreSQL runs with ${setting} = off: an acknowledged message could be lost. Turn it on, or use another server.`,
    );
  }
}
