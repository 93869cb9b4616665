import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createSandbox, type Sandbox } from '../../apps/sandbox/src/sandbox.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { spawnGateway, type GatewayProcess } from '../support/gateway-process.js';
import { call, createTenant, eventually, freePort } from '../support/gateway.js';

let database: TestDatabase;
let sandbox: Sandbox;
const gateways: GatewayProcess[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
  sandbox = await createSandbox({ port: 0, deliveryMs: 50 });
});

afterEach(async () => {
  await Promise.all(gateways.splice(0).map((gateway) => gateway.end('SIGKILL')));
  await sandbox.close();
  await database.drop();
});

async function start(variables: Record<string, string>, port?: number): Promise<GatewayProcess> {
  const gateway = await spawnGateway({
    database,
    providerUrl: sandbox.url,
    variables,
    ...(port ? { port } : {}),
  });
  gateways.push(gateway);
  return gateway;
}

async function countFinal(): Promise<Record<string, number>> {
  const rows = await database.query<{ status: string; count: number }>(
    `select coalesce(status, 'open') as status, count(*)::int as count from messages group by 1`,
  );
  return Object.fromEntries(rows.map((row) => [row.status, row.count]));
}

describe('two gateways on one database', () => {
  it('deliver what was sent through either of them', async () => {
    const [first, second] = [await start({}), await start({})];
    const tenant = await createTenant(first);
    for (const gateway of [first, second]) {
      const message = await call<{ id: string }>(gateway, 'POST', '/v1/messages', {
        token: tenant.apiKey,
        body: { recipient: '+380671234567', text: 'Hello' },
        expect: 202,
      });
      const final = await eventually(async () => {
        const read = await call<{ status: string; is_final: boolean }>(
          gateway,
          'GET',
          `/v1/messages/${message.id}`,
          {
            token: tenant.apiKey,
          },
        );
        return read.is_final ? read : null;
      });
      expect(final.status).toBe('delivered');
    }
  }, 60_000);

  it('share the lanes: the killed owner of a thousand queued messages loses none, and none is sent twice', async () => {
    const port = await freePort();
    const variables = {
      // Callbacks reach the one that stays.
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      // It takes the lanes over soon.
      PROVIDER_TIMEOUT_MS: '1000',
      LEASE_MS: '3000',
      GRACE_MS: '5000',
    };
    const owner = await start(variables);
    const tenant = await createTenant(owner, { max_per_second: 50 });
    await database.query('update connection_states set rate = 50');
    const batch = Array.from({ length: 1_000 }, (_, index) => ({
      recipient: `+38067${String(1_000_000 + index)}`,
      text: `Message ${index}`,
    }));
    await call(owner, 'POST', '/v1/messages/batch', {
      token: tenant.apiKey,
      body: { messages: batch },
      expect: 202,
    });
    await eventually(
      async () => sandbox.journal.entries({ kind: 'send', limit: 1_000 }).length >= 100,
      {
        withinMs: 20_000,
        what: 'a hundred sends',
      },
    );
    await start(variables, port);
    const [open] = await database.query<{ ids: number }>(
      'select coalesce(sum(cardinality(message_ids)), 0)::int as ids from intents',
    );
    await owner.end('SIGKILL');
    const [left] = await database.query<{ queued: number }>(
      'select count(*)::int as queued from outgoing',
    );
    expect(left?.queued).toBeGreaterThan(100);
    await eventually(
      async () => {
        const [row] = await database.query<{ open: number }>(
          `select (select count(*) from outgoing)::int + (select count(*) from awaiting where status <> 'uncertain')::int as open`,
        );
        return row?.open === 0;
      },
      { withinMs: 60_000, what: 'a fate for each message' },
    );
    const counts = await countFinal();
    const accepted = sandbox.journal
      .entries({ kind: 'send', limit: 10_000 })
      .filter((entry) => entry.decision === 'accepted');
    const recipients = new Set(accepted.map((entry) => entry.recipient));
    expect(recipients.size).toBe(accepted.length);
    expect((counts['delivered'] ?? 0) + (counts['open'] ?? 0)).toBe(1_000);
    // Open now are only those that may have been on the wire at the kill.
    expect(counts['open'] ?? 0).toBeLessThanOrEqual(Math.max(open?.ids ?? 0, 200));
  }, 120_000);

  it('drain on SIGTERM: exit 0, lanes given back, no message uncertain', async () => {
    const port = await freePort();
    const variables = { PUBLIC_URL: `http://127.0.0.1:${port}`, DRAIN_DELAY_MS: '100' };
    const first = await start(variables);
    const tenant = await createTenant(first);
    await database.query('update connection_states set rate = 200');
    const messages = Array.from({ length: 300 }, (_, index) => ({
      recipient: `+38067${String(1_000_000 + index)}`,
      text: 'Hello',
    }));
    await call(first, 'POST', '/v1/messages/batch', {
      token: tenant.apiKey,
      body: { messages },
      expect: 202,
    });
    await start(variables, port);
    expect(await first.end('SIGTERM')).toBe(0);
    await eventually(async () => (await countFinal())['delivered'] === 300, {
      withinMs: 30_000,
      what: 'all delivered',
    });
    const uncertain = await database.query(`select 1 from events where status = 'uncertain'`);
    expect(uncertain).toHaveLength(0);
  }, 60_000);
});
