import type { TestDatabase } from './database.js';
import { eventually } from './gateway.js';
import { holdTransaction } from './held-transaction.js';

/** A gate in front of COMMIT: who passes it holds all its locks, and nobody sees yet what it wrote. */
export interface CommitGate {
  /** Resolves when a transaction stands in front of it. */
  reached(): Promise<void>;
  /** Once, however often it is asked to. */
  open(): Promise<void>;
}

/**
 * Closes the COMMIT of transactions that write so.
 * @param event of a trigger: `insert on intents`
 * @param condition on the row, of all rows where none is given
 */
export async function closeGate(
  database: TestDatabase,
  event: string,
  condition = 'true',
): Promise<CommitGate> {
  // Its own patience: the transaction would give up after a second.
  await database.query(`create function wait_at_gate() returns trigger language plpgsql set lock_timeout = '20s'
    as $$ begin perform pg_advisory_xact_lock(1); return null; end $$`);
  await database.query(`create constraint trigger gate after ${event}
    deferrable initially deferred for each row when (${condition}) execute function wait_at_gate()`);
  const held = await holdTransaction(database, 'select pg_advisory_xact_lock(1)');
  let opened: Promise<void> | undefined;
  return {
    reached: () => waitsForLock(database, 'advisory'),
    open: () => (opened ??= held.release()),
  };
}

/** Resolves when some transaction waits for a lock of the kind; `transactionid`: for a row that another one holds. */
export async function waitsForLock(
  database: TestDatabase,
  kind: 'advisory' | 'transactionid',
): Promise<void> {
  await eventually(
    async () =>
      (
        await database.query(
          `select from pg_locks l join pg_stat_activity a using (pid)
           where not l.granted and l.locktype = $1 and a.datname = current_database()`,
          [kind],
        )
      ).length > 0,
    { what: `a transaction that waits for a lock: ${kind}` },
  );
}
