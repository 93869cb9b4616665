import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { LaneKeeper } from '../../apps/gateway/src/lanes/lane-keeper.js';
import { Ids, readId } from '../../apps/gateway/src/platform/ids/index.js';
import {
  DatabaseHealth,
  LaneSignals,
  NotDurable,
} from '../../apps/gateway/src/platform/database/index.js';
import { LaneQueue } from '../../apps/gateway/src/queue/index.js';
import { OutboxRelay } from '../../apps/gateway/src/timeline/outbox-relay.js';
import { Database } from '../../apps/gateway/src/platform/database/index.js';
import { PartitionKeeper } from '../../apps/gateway/src/platform/database/index.js';
import { createSandbox } from '../../apps/sandbox/src/sandbox.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { createTenant, eventually, startGateway, type TestTenant } from '../support/gateway.js';
import { startProvider, type TestProvider } from '../support/provider.js';
import { listensForWork } from '../support/listening.js';
import { pause, read, send, Steps } from '../support/steps.js';

let database: TestDatabase;
let provider: TestProvider;
let steps: Steps;
let tenant: TestTenant;
const clients: pg.Client[] = [];

let nextId = 100;
const sends = () => provider.requests.filter((request) => request.path.endsWith('/send-viber'));

beforeEach(async () => {
  database = await createTestDatabase();
  provider = await startProvider((request) => request.accept((nextId += 1)));
  const gateway = await startGateway({ database, providerUrl: provider.url, loops: false });
  steps = new Steps(gateway, database);
  tenant = await createTenant(gateway);
  await steps.withoutRateLimit();
});

afterEach(async () => {
  for (const client of clients.splice(0)) await client.end();
  await steps.gateway.close();
  await provider.close();
  await database.drop();
});

async function superuser(): Promise<pg.Client> {
  const url = Object.assign(new URL(process.env['TYRIAN_TEST_PG_URL'] as string), {
    pathname: database.name,
  });
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  clients.push(client);
  return client;
}

/** A queued message in the caller's open transaction, a copy of one that is there, under an older id. */
const copyUnderOlderId = `
  with m as (insert into messages (tenant_id, id, account_id, accepted_at, sender, recipient, category, class, two_way,
      provider_message_type, delivery_mode, text, validity_seconds, expires_at)
    select tenant_id, $1, account_id, accepted_at, sender, recipient, category, class, two_way, provider_message_type,
      delivery_mode, 'late', validity_seconds, expires_at from messages limit 1
    returning tenant_id, id, account_id, class, expires_at)
  insert into outgoing (tenant_id, message_id, account_id, class, pos, expires_at)
  select tenant_id, id, account_id, class, id, expires_at from m`;

const marks = async (): Promise<{ has_work: boolean; owned: boolean }> => {
  const [row] = await database.query<{ has_work: boolean; owned: boolean }>(
    'select has_work, owner is not null as owned from lanes',
  );
  return row as { has_work: boolean; owned: boolean };
};

describe('DISPATCH 17: work is found by existence', () => {
  it('sends a message whose transaction commits late, behind the place that the pager has reached', async () => {
    const lateId = steps.gateway.get(Ids).next();
    const first = await send(steps.gateway, tenant, { text: 'first' });
    await steps.own();
    const late = await superuser();
    await late.query('begin');
    await late.query(copyUnderOlderId, [lateId]);
    await steps.pump();
    await steps.settled();
    expect(sends().map((request) => request.body['text'])).toEqual(['first']);
    await late.query('commit');
    await pause(1_100);
    await steps.beat();
    await steps.pump();
    await steps.settled();
    expect(sends().map((request) => request.body['text'])).toEqual(['first', 'late']);
    expect((await read(steps.gateway, tenant, first)).status).toBe('sent');
  });

  it('gives positions in the feed after the commit: no gap, none twice, and none for what has not committed', async () => {
    const relay = steps.gateway.get(OutboxRelay);
    for (let count = 0; count < 5; count += 1) await send(steps.gateway, tenant);
    const late = await superuser();
    await late.query('begin');
    await late.query(
      `insert into outbox (tenant_id, id, at, type, message_id) select tenant_id, '00000000-0000-7000-8000-000000000001', now(), 'message.sent', id from messages limit 1`,
    );
    await Promise.all([relay.runOnce(), relay.runOnce(), relay.runOnce()]);
    const positions = async (): Promise<number[]> =>
      (
        await database.query<{ position: string }>('select position from feed order by position')
      ).map((row) => Number(row.position));
    expect(await positions()).toEqual([1, 2, 3, 4, 5]);
    await late.query('commit');
    await relay.runOnce();
    expect(await positions()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await database.query('select 1 from outbox')).toHaveLength(0);
    const [usage] = await database.query<{ count: number }>(
      `select sum(count)::int as count from usage_counts where type = 'message.queued'`,
    );
    expect(usage?.count).toBe(5);
  });
});

describe('DISPATCH 18: the mark of work', () => {
  const leaseOf = async () => {
    const [row] = await database.query<{
      tenant_id: string;
      account_id: string;
      token: string;
      owner: string;
    }>('select tenant_id, account_id, token, owner from lanes');
    if (!row) throw new Error('no lane');
    return {
      lease: { tenantId: row.tenant_id, accountId: row.account_id, token: Number(row.token) },
      owner: row.owner,
    };
  };

  it('is set by an accept where it is not set, and cleared when an idle lane is given back', async () => {
    await send(steps.gateway, tenant);
    expect(await marks()).toEqual({ has_work: true, owned: false });
    await steps.own();
    await steps.pump();
    await steps.settled();
    for (const lane of steps.lanes.all()) {
      lane.lastBusyMs -= 60_000;
      lane.mayHaveMore = false;
    }
    await steps.beat();
    await steps.refresh();
    await steps.gateway.get(LaneKeeper).runOnce();
    expect(await marks()).toEqual({ has_work: false, owned: false });
    await send(steps.gateway, tenant);
    expect(await marks()).toEqual({ has_work: true, owned: false });
  });

  it('is never lost between an accept that has not committed and a release', async () => {
    await send(steps.gateway, tenant);
    await steps.own();
    await steps.pump();
    await steps.settled();
    const { lease, owner } = await leaseOf();
    // The accept has inserted its row and holds the lane by the foreign key; the release must wait for it.
    const accepting = await superuser();
    await accepting.query('begin');
    await accepting.query(copyUnderOlderId, [steps.gateway.get(Ids).next()]);
    const queue = steps.gateway.get(LaneQueue);
    const released = steps.gateway
      .get(Database)
      .transaction('hot', { role: 'worker', lockTimeoutMs: 5_000 }, (tx) =>
        queue.release(tx, owner, [lease]),
      );
    await pause(200);
    expect(await marks()).toEqual({ has_work: true, owned: true });
    await accepting.query('commit');
    await released;
    expect(await marks()).toEqual({ has_work: true, owned: false });
  });

  it('is set again by an accept that comes while the release is under way', async () => {
    await send(steps.gateway, tenant);
    await steps.own();
    await steps.pump();
    await steps.settled();
    const releasing = await superuser();
    await releasing.query('begin');
    await releasing.query('select 1 from lanes for update');
    await releasing.query('update lanes set has_work = false, owner = null');
    const accepted = send(steps.gateway, tenant);
    await pause(100);
    await releasing.query('commit');
    await accepted;
    expect((await marks()).has_work).toBe(true);
  });

  it('wakes a worker in another process by NOTIFY, and one that hears nothing finds the work all the same', async () => {
    const sandbox = await createSandbox({ port: 0, deliveryMs: 50 });
    const api = await startGateway({ database, providerUrl: sandbox.url, roles: ['api'] });
    const worker = await startGateway({ database, providerUrl: sandbox.url, roles: ['worker'] });
    try {
      const signals = worker.get(LaneSignals);
      const heard: (string | null)[] = [];
      signals.onWork((accountId) => heard.push(accountId));
      const leavesTheQueue = async (sender: TestTenant): Promise<void> => {
        const id = await send(api, sender);
        await eventually(async () => (await read(api, sender, id)).status !== 'queued');
      };
      await listensForWork(database);
      await leavesTheQueue(tenant);
      await eventually(async () => heard.includes(readId('acc', tenant.accountId)));
      // Deaf from here on: its connection is not made anew.
      await signals.onApplicationShutdown();
      const unheard = await createTenant(api, {}, 'Unheard');
      await leavesTheQueue(unheard);
      expect(heard).not.toContain(readId('acc', unheard.accountId));
    } finally {
      await worker.close();
      await api.close();
      await sandbox.close();
    }
  });
});

describe('DISPATCH 19: ids and partitions', () => {
  it('gives ids of the database clock, not of this machine', async () => {
    await database.moveClock(600_000);
    for (let times = 0; times < 3; times += 1) await steps.gateway.get(DatabaseHealth).check();
    const id = await send(steps.gateway, tenant);
    const [row] = await database.query<{ ahead: number }>(
      `select extract(epoch from uuid_v7_time(id) - statement_timestamp())::float as ahead from messages`,
    );
    expect(id).toMatch(/^msg_/);
    expect(row?.ahead).toBeGreaterThan(590);
    expect(row?.ahead).toBeLessThan(610);
  });

  it('makes partitions ahead, and lets no accept wait behind a long transaction for it', async () => {
    const horizon = async (): Promise<number> => {
      const [row] = await database.query<{ horizon: Date; strays: string }>(
        'select * from partition_horizon()',
      );
      expect(Number(row?.strays)).toBe(0);
      return row?.horizon.getTime() ?? 0;
    };
    const before = await horizon();
    const writer = await superuser();
    await send(steps.gateway, tenant);
    await writer.query('begin');
    await writer.query('update messages set attempts = 1');
    await database.moveClock(14 * 86_400_000);
    const startedMs = performance.now();
    const making = steps.gateway.get(PartitionKeeper).runOnce();
    const [made, accepted] = await Promise.allSettled([
      making,
      pause(20).then(() => send(steps.gateway, tenant)),
    ]);
    expect(made.status).toBe('rejected');
    expect(accepted.status).toBe('fulfilled');
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    await writer.query('rollback');
    await steps.gateway.get(PartitionKeeper).runOnce();
    expect(await horizon()).toBe(before + 14 * 86_400_000);
  });

  it('drops a partition after retention, but never with work in hand', async () => {
    const partitions = async (): Promise<number> =>
      (await database.query(`select 1 from pg_inherits where inhparent = 'messages'::regclass`))
        .length;
    await send(steps.gateway, tenant);
    await database.moveClock(200 * 86_400_000);
    await steps.gateway.get(PartitionKeeper).runOnce();
    expect(await database.query('select 1 from messages')).toHaveLength(1);
    const held = await partitions();
    await database.query('delete from outgoing');
    await database.query('delete from outbox');
    await steps.gateway.get(PartitionKeeper).runOnce();
    expect(await database.query('select 1 from messages')).toHaveLength(0);
    expect(await partitions()).toBeLessThan(held);
  });
});

describe('DISPATCH 21: durability', () => {
  it.each(['synchronous_commit'])('refuses a server with %s off', async (setting) => {
    await expect(steps.gateway.get(DatabaseHealth).assertDurable()).resolves.toBeUndefined();
    await database.query(`alter database ${database.name} set ${setting} = off`);
    await database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'tyrian' and datname = current_database()`,
    );
    const ask = async (): Promise<boolean> => {
      try {
        await steps.gateway.get(DatabaseHealth).assertDurable();
      } catch (error) {
        // A connection that was cut may say so first.
        if (error instanceof NotDurable) throw error;
      }
      return false;
    };
    await expect(eventually(ask)).rejects.toThrow(NotDurable);
  });
});
