import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Intender } from '../../apps/gateway/src/lanes/intender.js';
import type { LaneState } from '../../apps/gateway/src/lanes/lane-state.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { adminToken } from '../support/configuration.js';
import { call, createTenant, eventually, startGateway } from '../support/gateway.js';
import { closeGate } from '../support/commit-gate.js';
import { holdTransaction } from '../support/held-transaction.js';
import { skipTime, stopTime } from '../support/monotonic-time.js';
import { pause, send, Steps } from '../support/steps.js';
import { World } from '../support/world.js';

let world: World;

describe('DISPATCH 5: committed before the first byte', () => {
  let database: TestDatabase;
  let provider: Server;
  let bytesSeen: number;
  let openIntents: Promise<unknown[]> | null;

  beforeEach(async () => {
    database = await createTestDatabase();
    bytesSeen = 0;
    openIntents = null;
    provider = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (bytes) => {
        // The check of a new key comes by as well.
        if (bytes.includes('receive-viber')) {
          socket.destroy();
          return;
        }
        bytesSeen += bytes.length;
        openIntents ??= database.query(
          'select message_ids, attempts, token::int, owner from intents',
        );
      });
    });
    await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
  });

  afterEach(async () => {
    provider.close();
    await database.drop();
  });

  it('no byte leaves while the intent waits for its commit, and the first one finds it in the database', async () => {
    const { port } = provider.address() as AddressInfo;
    const gateway = await startGateway({
      database,
      providerUrl: `http://127.0.0.1:${port}`,
      loops: false,
    });
    try {
      const steps = new Steps(gateway, database);
      const tenant = await createTenant(gateway);
      await steps.withoutRateLimit();
      await send(gateway, tenant);
      await steps.own();
      const gate = await closeGate(database, 'insert on intents');
      await steps.pump();
      await gate.reached();
      await pause(150);
      expect(bytesSeen).toBe(0);
      await gate.open();
      await eventually(async () => openIntents !== null, { what: 'the first byte' });
      const [message] = await database.query<{ message_id: string }>(
        'select message_id from outgoing',
      );
      const [lane] = await database.query('select token::int, owner from lanes');
      expect(await openIntents).toEqual([
        { message_ids: [message?.message_id], attempts: [1], ...lane },
      ]);
      await steps.settled();
    } finally {
      await gateway.close();
    }
  });
});

describe('DISPATCH 5: who is let out', () => {
  beforeEach(async () => {
    world = await World.start();
  });

  afterEach(() => world.close());

  const lane = (): LaneState => world.steps.lanes.all()[0] as LaneState;

  it('only the ids that the intent returns: cancelled, expired and held rows are left, and give their tokens back', async () => {
    const cancelled = await world.send({ text: 'cancelled' });
    await world.send({ text: 'held' });
    const expired = await world.send({ text: 'expired' });
    await world.send({ text: 'good' });
    await world.steps.own();
    await world.steps.page();
    expect(lane().buffer.size).toBe(4);
    await call(world.steps.gateway, 'POST', `/v1/messages/${cancelled}/cancel`, {
      token: world.tenant.apiKey,
      expect: 200,
    });
    const byText = (text: string) =>
      `(select id from messages where messages.text = '${text}' limit 1)`;
    await world.database.query(
      `update outgoing set expires_at = app_clock() + interval '29 seconds' where message_id = ${byText('expired')}`,
    );
    const held = await holdTransaction(
      world.database,
      `select 1 from outgoing where message_id = ${byText('held')} for update`,
    );
    await world.steps.pump();
    await world.steps.settled();
    expect(world.sentTexts).toEqual(['good']);
    expect((await world.read(expired)).status).toBe('expired');
    expect((await world.read(cancelled)).status).toBe('cancelled');
    expect(lane().buffer.knownSize).toBe(0);
    expect(lane().inFlight).toBe(0);
    expect(lane().isIdle).toBe(true);
    await held.release();
  });

  it('nobody without the token: a former owner sends nothing, and drops the lane', async () => {
    const id = await world.send();
    await world.steps.own();
    await world.steps.page();
    await world.database.query('update lanes set token = token + 1');
    await world.steps.pump();
    await world.steps.settled();
    expect(world.sends).toHaveLength(0);
    expect(await world.count('intents')).toBe(0);
    expect(world.steps.lanes.size).toBe(0);
    expect((await world.read(id)).status).toBe('queued');
  });

  it('nobody whose lane was taken by another name, be the token the same', async () => {
    await world.send();
    await world.steps.own();
    await world.database.query('update lanes set owner = gen_random_uuid()');
    await world.steps.pump();
    await world.steps.settled();
    expect(world.sends).toHaveLength(0);
    expect(world.steps.lanes.size).toBe(0);
  });

  it('one of two leases of the same lane that ask in one flush: the one that holds it', async () => {
    await world.send();
    await world.steps.own();
    const [row] = await world.database.query<{ message_id: string }>(
      'select message_id from outgoing',
    );
    const { lease, worker } = lane();
    const ask = (token: number) =>
      world.steps.gateway.get(Intender).intend({
        worker,
        lease: {
          ...lease,
          token,
          intentId: randomUUID(),
          epoch: 0,
          messageIds: [row?.message_id as string],
        },
        isProbe: false,
      });
    const [former, present] = await Promise.all([ask(lease.token - 1), ask(lease.token)]);
    expect(former).toEqual({ kind: 'lost' });
    expect(present).toMatchObject({ kind: 'granted', rows: [{ fate: 'send' }] });
    expect(await world.count('intents')).toBe(1);
  });

  it('each worker for itself in one flush: who asks under a lost name takes nothing from who asks under the new one', async () => {
    await world.send();
    await world.steps.own();
    const [row] = await world.database.query<{ message_id: string }>(
      'select message_id from outgoing',
    );
    const ask = (worker: string, messageIds: string[]) =>
      world.steps.gateway.get(Intender).intend({
        worker,
        lease: { ...lane().lease, intentId: randomUUID(), epoch: 0, messageIds },
        isProbe: false,
      });
    const [former, present] = await Promise.all([
      ask(randomUUID(), []),
      ask(lane().worker, [row?.message_id as string]),
    ]);
    expect(former).toEqual({ kind: 'lost' });
    expect(present).toMatchObject({ kind: 'granted', rows: [{ fate: 'send' }] });
    expect(await world.database.query('select owner from intents')).toEqual([
      { owner: lane().worker },
    ]);
  });

  it('nothing of a paused account, though its owner does not know of the pause yet', async () => {
    const id = await world.send();
    await world.steps.own();
    await world.steps.page();
    await call(world.steps.gateway, 'POST', `/v1/accounts/${world.tenant.accountId}/pause`, {
      token: world.tenant.apiKey,
      body: {},
      expect: 200,
    });
    expect(lane().conditions?.lanePause).toBeNull();
    await world.steps.pump();
    await world.steps.settled();
    expect(world.sends).toHaveLength(0);
    expect((await world.read(id)).status).toBe('queued');
  });

  it('nothing of a suspended tenant, though its owner does not know of it yet; all of it once it is resumed', async () => {
    const id = await world.send();
    await world.steps.own();
    await world.steps.page();
    const suspend = (act: 'suspend' | 'resume') =>
      call(world.steps.gateway, 'POST', `/admin/tenants/${world.tenant.id}/${act}`, {
        token: adminToken,
        expect: 200,
      });
    await suspend('suspend');
    expect(lane().conditions?.lanePause).toBeNull();
    await world.steps.pump();
    await world.steps.settled();
    await world.steps.refresh();
    expect(lane().conditions?.lanePause).toBe('tenant_suspended');
    await world.steps.pump();
    expect(world.sends).toHaveLength(0);
    expect((await world.read(id)).status).toBe('queued');
    expect(
      await call(world.steps.gateway, 'GET', `/admin/lanes/${world.tenant.accountId}`, {
        token: adminToken,
      }),
    ).toMatchObject({ state: 'paused', reason: 'tenant_suspended' });
    expect(
      await call(world.steps.gateway, 'GET', `/v1/accounts/${world.tenant.accountId}`, {
        token: world.tenant.apiKey,
      }),
    ).toMatchObject({
      state: 'paused',
      pause: { by: 'operator', reason: 'tenant_suspended' },
      estimated_drain_seconds: null,
    });
    await suspend('resume');
    await world.steps.refresh();
    await world.steps.pump();
    await world.sent(1);
    await world.steps.settled();
  });

  it('nothing over a paused connection, though its owner does not know of the pause yet', async () => {
    await world.send();
    await world.steps.own();
    await world.steps.page();
    await world.database.query(
      `update connection_states set paused_at = app_clock(), pause_reason = 'key_refused', epoch = epoch + 1`,
    );
    await world.steps.pump();
    await world.steps.settled();
    expect(world.sends).toHaveLength(0);
    expect(await world.count('intents')).toBe(0);
  });

  it('a message that has become final meanwhile is not sent, and leaves the queue', async () => {
    await world.send();
    await world.steps.own();
    await world.steps.page();
    await world.database.query(`update messages set status = 'delivered', final_at = app_clock()`);
    await world.steps.pump();
    await world.steps.settled();
    expect(world.sends).toHaveLength(0);
    expect(await world.count('outgoing')).toBe(0);
  });

  it('shows what stands in an open intent as sending, and the rest as queued', async () => {
    world.onSend = () => undefined;
    const first = await world.send();
    await world.steps.own();
    await world.steps.pump();
    await world.sent(1);
    const second = await world.send();
    expect((await world.read(first)).status).toBe('sending');
    expect((await world.read(second)).status).toBe('queued');
  });
});

describe('DISPATCH 5: nothing waits in the queue of the HTTP client', () => {
  afterEach(() => world.close());

  async function pumpThrice(): Promise<void> {
    for (let round = 0; round < 3; round += 1) await world.steps.pump();
  }

  const idsInIntents = () => world.count('intents, unnest(message_ids) as id');

  it('only as many ids are intended as sockets are free', async () => {
    world = await World.start({ variables: { LIMIT_PROVIDER_SOCKETS: '2' } });
    const open: (() => void)[] = [];
    world.onSend = (request) => open.push(() => request.accept(world.nextId()));
    for (let count = 0; count < 5; count += 1) await world.send({ text: `m${count}` });
    await world.steps.own();
    await pumpThrice();
    await world.sent(2);
    expect(world.sends).toHaveLength(2);
    expect(await idsInIntents()).toBe(2);
    open.shift()?.();
    await world.sent(3);
    await pumpThrice();
    expect(world.sends).toHaveLength(3);
    expect(await idsInIntents()).toBeLessThanOrEqual(3);
    expect(await world.count('outgoing')).toBe(4);
  });

  it('only as many ids are intended as there are tokens', async () => {
    world = await World.start({ rate: 0.05 });
    world.onSend = () => undefined;
    for (let count = 0; count < 5; count += 1) await world.send();
    await world.steps.own();
    await pumpThrice();
    // A new owner starts with an empty bucket.
    expect(await idsInIntents()).toBe(0);
    // A limit that is known, so that full use does not double it.
    await world.database.query('update connection_states set rate = 10, learned_limit = 10');
    await world.steps.beat();
    await world.steps.refresh();
    // A tenth of a second, and no more of it: time stands still while the test takes its own.
    stopTime(world.steps.gateway);
    skipTime(world.steps.gateway, 120);
    await pumpThrice();
    expect(await idsInIntents()).toBe(1);
    await world.sent(1);
  });
});
