import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { PartitionKeeper } from '../../apps/gateway/src/platform/database/index.js';
import { Reconciler } from '../../apps/gateway/src/reconciliation/reconciler.js';
import { DatabaseAddress } from '../../apps/gateway/src/platform/database/index.js';
import { createSandbox, recipientFor, type Sandbox } from '../../apps/sandbox/src/sandbox.js';
import { adminToken } from '../support/configuration.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { startDatabaseProxy, type DatabaseProxy } from '../support/database-proxy.js';
import {
  call,
  createTenant,
  eventually,
  startGateway,
  type TestGateway,
} from '../support/gateway.js';
import { read, send } from '../support/steps.js';

let database: TestDatabase;
let sandbox: Sandbox;
let proxy: DatabaseProxy;
let gateway: TestGateway;

/** Statements by connection, in their order. */
const statements = new Map<number, string[]>();

beforeAll(async () => {
  database = await createTestDatabase();
  sandbox = await createSandbox({ port: 0, deliveryMs: 50 });
  proxy = await startDatabaseProxy(database.address.url, (connection, text) => {
    statements.set(connection, [...(statements.get(connection) ?? []), text]);
  });
  gateway = await startGateway({
    database: {
      ...database,
      address: new DatabaseAddress(proxy.url, database.address.ownerUrl, proxy.url, 12),
    },
    providerUrl: sandbox.url,
  });
}, 60_000);

afterAll(async () => {
  await gateway?.close();
  await proxy?.close();
  await sandbox?.close();
  await database?.drop();
});

const begins = /^\s*(begin|start transaction)\b/i;
const takesRole = /set local role tyrian_(ingest|worker|tenant|operator)\b/i;
const ends = /^\s*(commit|rollback)\b/i;
/** What a driver asks when it connects, and listening: no row of ours is touched. */
const harmless =
  /^\s*(listen tyrian_work|select version\(\)|show server_version|select \* from current_schema\(\)|select current_database\(\)|select current_schema\(\))/i;

/** The statements of one connection that ran without one of the four roles. */
function withoutRole(texts: readonly string[]): string[] {
  let hasRole = false;
  return texts.filter((text) => {
    if (ends.test(text)) {
      hasRole = false;
      return false;
    }
    if (takesRole.test(text)) {
      hasRole = true;
      return false;
    }
    return !hasRole && !begins.test(text) && !harmless.test(text);
  });
}

describe('no code path runs its SQL as superuser, table owner or BYPASSRLS', () => {
  it('each statement of all kinds of traffic runs under one of the four roles', async () => {
    const tenant = await createTenant(gateway);
    const ids = [
      await send(gateway, tenant),
      await send(gateway, tenant, { recipient: `+${recipientFor('no_callback', 1)}` }),
    ];
    await send(gateway, tenant, { two_way: true, recipient: `+${recipientFor('reply', 1)}` });
    const scheduled = await send(gateway, tenant, {
      send_at: new Date(Date.now() + 3_600_000).toISOString(),
    });
    await call(gateway, 'POST', `/v1/messages/${scheduled}/cancel`, {
      token: tenant.apiKey,
      expect: 200,
    });
    await eventually(
      async () => (await read(gateway, tenant, ids[0] as string)).status === 'delivered',
    );
    for (const path of [
      '/v1/messages',
      '/v1/messages?status=sent',
      `/v1/messages/${ids[0]}/timeline`,
      '/v1/inbound-messages',
      '/v1/conversations',
      '/v1/suppressions',
      '/v1/stop-words',
      '/v1/accounts',
      '/v1/api-keys',
      '/v1/audit-log',
    ]) {
      await call(gateway, 'GET', path, { token: tenant.apiKey, expect: 200 });
    }
    await call(gateway, 'PATCH', `/v1/accounts/${tenant.accountId}`, {
      token: tenant.apiKey,
      body: { name: 'Renamed' },
      expect: 200,
    });
    for (const path of [
      '/admin/tenants',
      '/admin/lanes',
      '/admin/audit-log',
      '/admin/inbound-unrouted',
    ]) {
      await call(gateway, 'GET', path, { token: adminToken, expect: 200 });
    }
    await gateway.get(PartitionKeeper).runOnce();
    const reconciler = gateway.get(Reconciler);
    await Promise.all([
      reconciler.scanQueue(),
      reconciler.markLastPolls(),
      reconciler.dropOldRows(),
      reconciler.closeWindows(),
    ]);
    await eventually(async () => (await read(gateway, tenant, ids[1] as string)).status === 'sent');
    await database.query(`update awaiting set next_poll_at = now()`);
    await eventually(
      async () => (await database.query(`select 1 from events where type = 'poll'`)).length > 0,
      { withinMs: 8_000 },
    );
    const strays = [...statements.values()].flatMap(withoutRole);
    expect([...new Set(strays.map((text) => text.slice(0, 120)))]).toEqual([]);
    expect([...statements.values()].flat().length).toBeGreaterThan(200);
  });

  it('and the roles and the login are nobody in particular', async () => {
    const roles = await database.query(
      `select rolname, rolsuper, rolbypassrls, rolcreaterole, rolinherit from pg_roles where rolname like 'tyrian%' and rolname <> 'tyrian_owner'`,
    );
    expect(roles).toHaveLength(5);
    for (const role of roles) {
      expect(role).toMatchObject({
        rolsuper: false,
        rolbypassrls: false,
        rolcreaterole: false,
        rolinherit: false,
      });
    }
    const owners = await database.query<{ owner: string }>(
      `select distinct pg_get_userbyid(relowner) as owner from pg_class where relnamespace = 'public'::regnamespace`,
    );
    expect(owners).toEqual([{ owner: 'tyrian_owner' }]);
    const open = await database.query(
      `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relrowsecurity order by 1`,
    );
    // Nothing of a tenant stands in these.
    expect(open).toEqual(
      ['callback_keys', 'installation', 'schema_migrations', 'workers'].map((relname) => ({
        relname,
      })),
    );
  });

  it('the login by itself may read nothing', async () => {
    const rights = await database.query<{ relname: string }>(
      `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and has_table_privilege('tyrian', oid, 'select')`,
    );
    expect(rights).toEqual([]);
  });

  it('a tenant sees no row of another, with the predicates of the queries taken out', async () => {
    const [one, other] = [
      await createTenant(gateway, {}, 'One'),
      await createTenant(gateway, {}, 'Other'),
    ];
    await send(gateway, one);
    await send(gateway, other);
    const [row] = await database.query<{ id: string }>(`select id from tenants where name = 'One'`);
    const tables = [
      'messages',
      'outgoing',
      'awaiting',
      'accounts',
      'api_keys',
      'connections',
      'audit_log',
      'tenants',
    ];
    for (const table of tables) {
      const column = table === 'tenants' ? 'id' : 'tenant_id';
      const seen = await asTenant(
        row?.id ?? '',
        `select distinct ${column}::text as tenant from ${table}`,
      );
      expect(seen.filter((tenant) => tenant !== row?.id)).toEqual([]);
    }
    expect(
      await asTenant(row?.id ?? '', 'select tenant_id::text as tenant from messages'),
    ).toHaveLength(1);
  });
});

async function asTenant(tenantId: string, text: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: database.address.url });
  await client.connect();
  try {
    await client.query(
      `begin; set local role tyrian_tenant; set local tyrian.tenant_id = '${tenantId}'`,
    );
    return (await client.query<{ tenant: string }>(text)).rows.map((row) => row.tenant);
  } finally {
    await client.end();
  }
}
