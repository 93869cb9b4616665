import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { DatabaseAddress } from '../../apps/gateway/src/platform/database/index.js';

/** A migrated database of one test file's own, cloned from the template. */
export interface TestDatabase {
  readonly name: string;
  readonly address: DatabaseAddress;
  /** Runs as superuser, for looking and for arranging; the product never does. */
  query<Row = Record<string, unknown>>(
    text: string,
    parameters?: readonly unknown[],
  ): Promise<Row[]>;
  /** Moves `app_clock()` by so many milliseconds from now on; 0 sets it right again. */
  moveClock(byMs: number): Promise<void>;
  drop(): Promise<void>;
}

export function createTestDatabase(poolSize = 12): Promise<TestDatabase> {
  return createFrom(variable('TYRIAN_TEST_TEMPLATE'), poolSize);
}

/**
 * A copy of a database as it stands, beside it in the same server: its oid is another one, and nothing else. Whoever
 * uses the original is cut off for a moment.
 */
export function cloneTestDatabase(original: Pick<TestDatabase, 'name'>): Promise<TestDatabase> {
  return alone(original, () => createFrom(original.name, 12));
}

/** Puts each of two databases in the other one's place: their names change, and whoever uses them is cut off. */
export async function swapTestDatabases(
  one: Pick<TestDatabase, 'name'>,
  other: Pick<TestDatabase, 'name'>,
): Promise<void> {
  const aside = `${one.name}_aside`;
  await alone(one, () =>
    alone(other, async () => {
      const url = variable('TYRIAN_TEST_PG_URL');
      await once(url, `alter database ${one.name} rename to ${aside}`);
      await once(url, `alter database ${other.name} rename to ${one.name}`);
      await once(url, `alter database ${aside} rename to ${other.name}`);
    }),
  );
}

/** While nobody is connected to the database. */
async function alone<T>({ name }: Pick<TestDatabase, 'name'>, work: () => Promise<T>): Promise<T> {
  const url = variable('TYRIAN_TEST_PG_URL');
  await once(url, `alter database ${name} allow_connections false`);
  try {
    await once(
      url,
      `select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '${name}'`,
    );
    return await work();
  } finally {
    await once(url, `alter database ${name} allow_connections true`);
  }
}

/** Files copied as they are take half the time of pages copied one by one through the log of writes. */
async function createFrom(template: string, poolSize: number): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await once(
    variable('TYRIAN_TEST_PG_URL'),
    `create database ${name} template ${template} owner tyrian_owner strategy file_copy`,
  );
  const superuser = new pg.Pool({
    connectionString: on(variable('TYRIAN_TEST_PG_URL'), name),
    max: 2,
  });
  superuser.on('error', () => undefined);
  const loginUrl = on(variable('TYRIAN_TEST_LOGIN_URL'), name);
  return {
    name,
    address: new DatabaseAddress(
      loginUrl,
      on(variable('TYRIAN_TEST_OWNER_URL'), name),
      loginUrl,
      poolSize,
    ),
    async query<Row>(text: string, parameters: readonly unknown[] = []) {
      return (await superuser.query(text, parameters as unknown[])).rows as Row[];
    },
    async moveClock(byMs) {
      await superuser.query(`create or replace function app_clock() returns timestamptz language sql stable parallel safe
        as $$ select statement_timestamp() + interval '${Math.round(byMs)} milliseconds' $$`);
    },
    async drop() {
      await superuser.end();
      await once(variable('TYRIAN_TEST_PG_URL'), `drop database ${name} with (force)`);
    },
  };
}

async function once(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

function on(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

function variable(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the tests through jest's global set-up`);
  return value;
}
