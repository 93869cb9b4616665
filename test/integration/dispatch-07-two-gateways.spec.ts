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
import { send } from '../support/steps.js';

const accounts = 4;
const messagesEach = 40;

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
  // So slow that no queue is empty before its lane has moved.
  await setRate(2);
}

async function setRate(perSecond: number): Promise<void> {
  await database.query('update connections set max_per_second = $1', [perSecond]);
  await database.query('update connection_states set rate = $1', [perSecond]);
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
  const lanes = gateway.get(LaneRegistry).all();
  gateway.get(LaneRegistry).dropAll();
  await Promise.all([heartbeat, ...loops].map((loop) => loop.stop()));
  await eventually(async () => lanes.every((lane) => !lane.intending), {
    what: 'the last intent of the victim',
  });
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
    // A stall of a second or two neither ends a call nor breaks the survivor's heartbeats.
    await start({ PROVIDER_TIMEOUT_MS: '3000', LEASE_MS: '10000', GRACE_MS: '15000' });
    await sendAll();
    await eventually(
      async () =>
        (await lanesOf(nameOf(victim))) === accounts / 2 &&
        (await lanesOf(nameOf(survivor))) === accounts / 2,
      { what: 'a fair share for both' },
    );
    const dead = nameOf(victim);
    await kill(victim);
    const [open] = await database.query<{ ids: number }>(
      'select coalesce(sum(cardinality(message_ids)), 0)::int as ids from intents where owner = $1',
      [dead],
    );
    // A stall of the survivor lets its own lease begin anew; what is idle by then it may have given back.
    await eventually(async () => (await lanesOf(dead)) === 0, {
      what: 'no lane left at the dead one',
      withinMs: 40_000,
    });
    const [lost] = await database.query<{ for_a_lease: boolean }>(
      `select lost_at - heartbeat_at >= make_interval(secs => lease_ms / 1000.0) as for_a_lease
       from workers where id = $1`,
      [dead],
    );
    expect(lost?.for_a_lease).toBe(true);

    await setRate(1_000);
    await eventually(
      async () => {
        const [row] = await database.query<{ queued: number }>(
          'select count(*)::int as queued from outgoing',
        );
        return row?.queued === 0;
      },
      { what: 'an empty queue', withinMs: 30_000 },
    );
    const rows = await database.query<{ status: string; count: number }>(
      'select status, count(*)::int as count from awaiting group by status',
    );
    const counts = Object.fromEntries(rows.map(({ status, count }) => [status, count]));
    const { sent = 0, uncertain = 0 } = counts;
    expect(sent + uncertain).toBe(accounts * messagesEach);
    expect(uncertain).toBeGreaterThan(0);
    expect(uncertain).toBeLessThanOrEqual(open?.ids ?? 0);
    const texts = sentTexts();
    expect(new Set(texts).size).toBe(texts.length);
    expect(texts.length).toBe(accounts * messagesEach);
  }, 120_000);

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
      withinMs: 15_000,
    });
    await setRate(1_000);
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
