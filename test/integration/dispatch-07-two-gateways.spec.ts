import { afterEach, describe, expect, it } from '@jest/globals';
import { LaneRegistry } from '../../apps/gateway/src/lanes/lane-registry.js';
import { LaneWorker } from '../../apps/gateway/src/lanes/lane-worker.js';
import { Settler } from '../../apps/gateway/src/lanes/settler.js';
import { WorkerPresence } from '../../apps/gateway/src/lanes/worker-presence.js';
import type { Loop } from '../../apps/gateway/src/platform/loops/index.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import {
  createTenant,
  eventually,
  startGateway,
  type TestGateway,
  type TestTenant,
} from '../support/gateway.js';
import { startProvider, type TestProvider } from '../support/provider.js';
import { pause, send } from '../support/steps.js';

const accounts = 4;
const messagesEach = 40;
const leaseMs = 3_000;

let database: TestDatabase;
let provider: TestProvider;
let survivor: TestGateway;
let victim: TestGateway;
let tenants: TestTenant[];

async function start(variables: Readonly<Record<string, string>>): Promise<void> {
  database = await createTestDatabase();
  let lastId = 0;
  provider = await startProvider((request) => {
    setTimeout(() => request.accept((lastId += 1)), 60);
  });
  survivor = await startGateway({ database, providerUrl: provider.url, variables });
  victim = await startGateway({ database, providerUrl: provider.url, variables });
  tenants = [];
  for (let n = 0; n < accounts; n += 1) tenants.push(await createTenant(survivor, {}, `T${n}`));
  await database.query('update connections set max_per_second = 10');
  await database.query('update connection_states set rate = 10');
}

afterEach(async () => {
  await Promise.all([victim.close(), survivor.close()]);
  await provider.close();
  await database.drop();
});

/**
 * As a power cut with something on the wire: no loop turns any more, no heartbeat is sent, and what the provider
 * answered last is never settled.
 */
async function kill(gateway: TestGateway): Promise<void> {
  await new Promise<void>((answered) => {
    gateway.get(Settler).settle = () => {
      answered();
      return new Promise(() => undefined);
    };
  });
  const { heartbeat, loops } = gateway.get(LaneWorker) as unknown as {
    heartbeat: Loop;
    loops: Loop[];
  };
  gateway.get(LaneRegistry).dropAll();
  await Promise.all([heartbeat, ...loops].map((loop) => loop.stop()));
}

const nameOf = (gateway: TestGateway) => gateway.get(WorkerPresence).id;

async function lanesOf(owner: string): Promise<number> {
  const [row] = await database.query<{ lanes: number }>(
    'select count(*)::int as lanes from lanes where owner = $1',
    [owner],
  );
  return row?.lanes ?? 0;
}

async function sendAll(): Promise<void> {
  for (const tenant of tenants) {
    await Promise.all(
      Array.from({ length: messagesEach }, (_, n) =>
        send(survivor, tenant, { text: `${tenant.id} ${n}` }),
      ),
    );
  }
}

const sentTexts = () =>
  provider.requests
    .filter(({ path }) => path.endsWith('/send-viber'))
    .map(({ body }) => String(body['text']));

describe('DISPATCH 7: two gateways on one database', () => {
  it('share the lanes; those of one that is killed move within a lease, and nothing is lost or sent twice', async () => {
    await start({ LEASE_MS: String(leaseMs) });
    await sendAll();
    await eventually(
      async () =>
        (await lanesOf(nameOf(victim))) === accounts / 2 &&
        (await lanesOf(nameOf(survivor))) === accounts / 2,
      { what: 'a fair share for both' },
    );
    const dead = nameOf(victim);
    await kill(victim);
    const killedAtMs = performance.now();
    await pause(leaseMs - 1_000);
    expect(await lanesOf(dead)).toBe(accounts / 2);
    await eventually(async () => (await lanesOf(nameOf(survivor))) === accounts, {
      what: 'all lanes at the survivor',
      withinMs: 4_000,
    });
    expect(performance.now() - killedAtMs).toBeLessThan(leaseMs + 3_000);

    await eventually(
      async () => {
        const [row] = await database.query<{ queued: number }>(
          'select count(*)::int as queued from outgoing',
        );
        return row?.queued === 0;
      },
      { what: 'an empty queue', withinMs: 15_000 },
    );
    const rows = await database.query<{ status: string; count: number }>(
      'select status, count(*)::int as count from awaiting group by status',
    );
    const counts = Object.fromEntries(rows.map(({ status, count }) => [status, count]));
    const { sent = 0, uncertain = 0 } = counts;
    expect(sent + uncertain).toBe(accounts * messagesEach);
    expect(uncertain).toBeGreaterThan(0);
    expect(uncertain).toBeLessThan(accounts * 2);
    const texts = sentTexts();
    expect(new Set(texts).size).toBe(texts.length);
    expect(texts.length).toBe(accounts * messagesEach);
  }, 60_000);

  it('hand over at once where one is stopped in order: nothing becomes uncertain', async () => {
    // No deadline is to end a call here, however busy the machine.
    await start({ PROVIDER_TIMEOUT_MS: '10000', LEASE_MS: '25000', GRACE_MS: '40000' });
    await sendAll();
    await eventually(async () => (await lanesOf(nameOf(victim))) === accounts / 2, {
      what: 'a share for the one to be stopped',
    });
    await victim.close();
    await eventually(async () => (await lanesOf(nameOf(survivor))) === accounts, {
      what: 'all lanes at the survivor',
      withinMs: 2_500,
    });
    await database.query('update connections set max_per_second = 1000');
    await database.query('update connection_states set rate = 1000');
    await eventually(
      async () => {
        const [row] = await database.query<{ sent: number }>(
          `select count(*)::int as sent from awaiting where status = 'sent'`,
        );
        return row?.sent === accounts * messagesEach;
      },
      { what: 'everything sent', withinMs: 20_000 },
    );
    const texts = sentTexts();
    expect(new Set(texts).size).toBe(texts.length);
  }, 60_000);
});
