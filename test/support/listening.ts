import type { TestDatabase } from './database.js';
import { eventually } from './eventually.js';

/** Resolves when some worker of this database hears of new work. */
export async function listensForWork(database: TestDatabase): Promise<void> {
  await eventually(
    async () =>
      (
        await database.query(
          `select 1 from pg_stat_activity where datname = current_database() and query = 'listen tyrian_work' and state = 'idle'`,
        )
      ).length > 0,
    { what: 'a worker that listens' },
  );
}
