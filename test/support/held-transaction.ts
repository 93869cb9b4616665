import pg from 'pg';
import { Database } from '../../apps/gateway/src/platform/database/index.js';
import type { TestDatabase } from './database.js';
import type { TestGateway } from './gateway.js';

/** Another session with an open transaction: it holds its locks until the test lets go. */
export interface HeldTransaction {
  release(): Promise<void>;
  /** The same, with what it has done. */
  commit(): Promise<void>;
}

/** Begins a transaction as superuser, runs the statements in it and leaves it open. */
export async function holdTransaction(
  database: Pick<TestDatabase, 'name'>,
  ...statements: readonly string[]
): Promise<HeldTransaction> {
  const url = new URL(process.env['TYRIAN_TEST_PG_URL'] as string);
  url.pathname = database.name;
  const client = new pg.Client({ connectionString: url.href });
  // A test that failed drops the database under it.
  client.on('error', () => undefined);
  await client.connect();
  await client.query('begin');
  for (const statement of statements) await client.query(statement);
  const endBy = (statement: string) => async (): Promise<void> => {
    await client.query(statement);
    await client.end();
  };
  return { release: endBy('rollback'), commit: endBy('commit') };
}

/** This gateway waits for what the test holds until the test lets go, and not for a second only. */
export function waitForHeldLocks(gateway: TestGateway): void {
  const database = gateway.get(Database);
  const transaction = database.transaction.bind(database);
  database.transaction = (pool, options, work) =>
    transaction(pool, { ...options, lockTimeoutMs: 20_000, statementTimeoutMs: 30_000 }, work);
}
