import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { DatabaseAddress, migrate } from '../../apps/gateway/src/platform/database/index.js';
import { newestMigration } from '../../apps/gateway/src/platform/database/migrations/index.js';
import { type OwnServer, startOwnServer } from '../support/own-server.js';

/** A server of its own: the roles belong to a server, and an empty one has none of them. */
let server: OwnServer;

beforeAll(async () => {
  server = await startOwnServer({ fsync: 'off' });
}, 60_000);

afterAll(async () => {
  await server?.stop();
});

async function rows<Row extends object>(address: DatabaseAddress, text: string): Promise<Row[]> {
  const url = new URL(server.superuserUrl);
  url.pathname = new URL(address.url).pathname;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

/** Everything that migrations make: relations, columns, constraints, indexes, policies, functions, rights. */
async function schemaOf(address: DatabaseAddress): Promise<string[]> {
  const found = await rows<{ line: string }>(
    address,
    `select line from (
       select format('%s %s %s %s', relkind, relname, relrowsecurity, relacl) as line from pg_class where relnamespace = 'public'::regnamespace
       union all select format('column %s.%s %s %s %s', attrelid::regclass, attname, atttypid::regtype, attnotnull, attacl)
         from pg_attribute where attrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace) and attnum > 0
       union all select format('constraint %s %s', conname, pg_get_constraintdef(oid)) from pg_constraint where connamespace = 'public'::regnamespace
       union all select pg_get_indexdef(indexrelid) from pg_index where indrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)
       union all select format('policy %s on %s to %s: %s / %s', policyname, tablename, roles, qual, with_check) from pg_policies
       union all select format('function %s %s %s', oid::regprocedure, prosecdef, proacl) from pg_proc where pronamespace = 'public'::regnamespace
     ) as t order by line`,
  );
  return found.map((row) => row.line);
}

async function ledger(address: DatabaseAddress): Promise<string[]> {
  const found = await rows<{ name: string }>(
    address,
    'select name from schema_migrations order by id',
  );
  return found.map((row) => row.name);
}

describe('the migrations', () => {
  let alone: DatabaseAddress;

  it('succeed eight at once, on an empty database of an empty server: one applies them, the others find them done', async () => {
    const address = await server.emptyDatabase('crowded');
    const reports = await Promise.all(
      Array.from({ length: 8 }, () => migrate(address.ownerUrl, address.url)),
    );
    const applied = reports.flatMap((report) => report.applied);
    expect(applied).toEqual(await ledger(address));
    expect(applied.at(-1)).toBe(newestMigration);
    expect(new Set(applied).size).toBe(applied.length);
    alone = await server.emptyDatabase('alone');
    await migrate(alone.ownerUrl, alone.url);
    expect(await schemaOf(address)).toEqual(await schemaOf(alone));
  }, 60_000);

  it('are harmless when they run again: the schema, the ledger and the rows stay', async () => {
    const before = [await schemaOf(alone), await ledger(alone)];
    const identity = await rows(alone, 'select * from installation');
    expect(await migrate(alone.ownerUrl, alone.url)).toEqual({ applied: [] });
    expect([await schemaOf(alone), await ledger(alone)]).toEqual(before);
    expect(await rows(alone, 'select * from installation')).toEqual(identity);
    expect(identity).toHaveLength(1);
  });

  it('succeed at once on several databases of one server, which share the roles', async () => {
    const addresses = await Promise.all(
      [1, 2, 3, 4].map((n) => server.emptyDatabase(`shared_${n}`)),
    );
    await Promise.all(addresses.map(({ ownerUrl, url }) => migrate(ownerUrl, url)));
    for (const address of addresses) expect(await schemaOf(address)).toEqual(await schemaOf(alone));
  }, 60_000);

  it('leave the login with the four roles to act under, and with no right of its own', async () => {
    const roles = await rows<{ name: string; may: boolean; inherits: boolean }>(
      alone,
      `select rolname as name, pg_has_role('tyrian', oid, 'SET') as may, pg_has_role('tyrian', oid, 'USAGE') as inherits
       from pg_roles where rolname like 'tyrian\\_%' order by 1`,
    );
    expect(roles).toEqual([
      { name: 'tyrian_ingest', may: true, inherits: false },
      { name: 'tyrian_operator', may: true, inherits: false },
      { name: 'tyrian_owner', may: false, inherits: false },
      { name: 'tyrian_tenant', may: true, inherits: false },
      { name: 'tyrian_worker', may: true, inherits: false },
    ]);
  });
});
