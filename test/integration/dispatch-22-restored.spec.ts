import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BreakerProber } from '../../apps/gateway/src/lanes/breaker-prober.js';
import { Dispatcher } from '../../apps/gateway/src/lanes/dispatcher.js';
import { Poller } from '../../apps/gateway/src/lanes/poller.js';
import { ProviderRoute } from '../../apps/gateway/src/lanes/provider-route.js';
import { MessageEnder } from '../../apps/gateway/src/messages/index.js';
import { DatabaseAddress } from '../../apps/gateway/src/platform/database/index.js';
import { WorkerPresence } from '../../apps/gateway/src/lanes/worker-presence.js';
import { OutboxRelay } from '../../apps/gateway/src/timeline/outbox-relay.js';
import { adminToken } from '../support/configuration.js';
import {
  cloneTestDatabase,
  createTestDatabase,
  swapTestDatabases,
  type TestDatabase,
} from '../support/database.js';
import { startDatabaseProxy } from '../support/database-proxy.js';
import {
  call,
  createTenant,
  eventually,
  startGateway,
  type TestGateway,
} from '../support/gateway.js';
import { skipTime } from '../support/monotonic-time.js';
import { startProvider, type TestProvider } from '../support/provider.js';
import { pause, read, send, Steps } from '../support/steps.js';
import { callbackUrl, tell, World } from '../support/world.js';

interface ReadInstallation {
  readonly identity: string;
  readonly marks: Readonly<Record<'system_identifier' | 'timeline' | 'database_oid', unknown>>;
  readonly present_marks: ReadInstallation['marks'];
  readonly hold: {
    readonly because: string;
    readonly reason: string | null;
    readonly difference: readonly { readonly mark: string }[];
  } | null;
}

type Reached = { readonly url: string };

const installation = (gateway: Reached): Promise<ReadInstallation> =>
  call(gateway, 'GET', '/admin/installation', { token: adminToken, expect: 200 });

const hold = (gateway: Reached, reason?: string): Promise<ReadInstallation> =>
  call(gateway, 'POST', '/admin/installation/hold', {
    token: adminToken,
    expect: 200,
    ...(reason === undefined ? {} : { body: { reason } }),
  });

const release = (gateway: Reached, reason?: string): Promise<ReadInstallation> =>
  call(gateway, 'POST', '/admin/installation/release', {
    token: adminToken,
    expect: 200,
    ...(reason === undefined ? {} : { body: { reason } }),
  });

async function audited(gateway: Reached): Promise<{ action: string; actor: { kind: string } }[]> {
  const { data } = await call<{
    data: { action: string; actor: { kind: string }; object: { kind: string } }[];
  }>(gateway, 'GET', '/admin/audit-log', { token: adminToken, expect: 200 });
  return data.filter(({ object }) => object.kind === 'installation');
}

describe('DISPATCH 22: a database in another place', () => {
  let original: TestDatabase;
  let copy: TestDatabase | undefined;
  let provider: TestProvider;
  let gateway: TestGateway | undefined;
  let lastId = 1_000;

  beforeEach(async () => {
    original = await createTestDatabase();
    provider = await startProvider((request) => request.accept((lastId += 1)));
  });

  afterEach(async () => {
    await gateway?.close();
    gateway = undefined;
    await provider.close();
    await copy?.drop();
    copy = undefined;
    await original.drop();
  });

  const sends = (): number =>
    provider.requests.filter(({ path }) => path.endsWith('/send-viber')).length;

  it('Rule 22: a copy sends nothing, accepts and takes callbacks, until an operator releases it', async () => {
    gateway = await startGateway({ database: original, providerUrl: provider.url });
    const tenant = await createTenant(gateway);
    const before = await send(gateway, tenant, { text: 'sent before' });
    await eventually(async () => sends() === 1);
    const told = new URL(
      callbackUrl(provider.requests.find(({ path }) => path.endsWith('/send-viber'))),
    );
    await gateway.close();
    // Accepted, and not sent: no worker runs.
    gateway = await startGateway({ database: original, providerUrl: provider.url, roles: ['api'] });
    const queued = await send(gateway, tenant, { text: 'queued' });
    expect(await installation(gateway)).toMatchObject({ hold: null });
    await gateway.close();
    copy = await cloneTestDatabase(original);

    const calls = provider.requests.length;
    const held = await startGateway({ database: copy, providerUrl: provider.url });
    gateway = held;
    const state = await installation(held);
    expect(state.hold).toMatchObject({ because: 'marks_differ', restored_work_at: null });
    expect(state.hold?.difference.map(({ mark }) => mark)).toEqual(['database_oid']);
    const accepted = await send(held, tenant, { text: 'accepted on hold' });
    expect(await tell(new URL(told.pathname, held.url).href, 1)).toBe(200);
    await eventually(async () => (await read(held, tenant, before)).status === 'delivered');
    const account = await call<{ id: string }>(held, 'POST', '/v1/accounts', {
      token: tenant.apiKey,
      body: { name: 'Second', provider_key: 'another-key', default_category: 'transactional' },
      expect: 201,
    });
    // A worker owns the lane, has read its queue, and says why it does not send.
    await eventually(
      async () =>
        (
          await copy?.query(
            `select 1 from lanes where owner is not null and report ->> 'reason' = 'restore_hold'`,
          )
        )?.length === 1,
    );
    expect(
      await call(held, 'GET', `/admin/lanes/${tenant.accountId}`, { token: adminToken }),
    ).toMatchObject({ state: 'on_hold', reason: 'restore_hold' });
    expect(
      await call(held, 'GET', `/v1/accounts/${tenant.accountId}`, { token: tenant.apiKey }),
    ).toMatchObject({ waiting_for: 'restore_hold', estimated_drain_seconds: null });
    expect(
      await call(held, 'GET', `/v1/accounts/${account.id}`, { token: tenant.apiKey }),
    ).toMatchObject({ key_verdict: 'unchecked' });
    expect(provider.requests.length).toBe(calls);

    const released = await release(held, 'a copy for the test');
    expect(released).toMatchObject({ hold: null, marks: released.present_marks });
    for (const id of [queued, accepted])
      await eventually(async () => (await read(held, tenant, id)).status === 'sent');
    expect(sends()).toBe(3);
    const { data: timeline } = await call<{
      data: { type: string; detail: { waited?: { reason: string }[] } | null }[];
    }>(held, 'GET', `/v1/messages/${accepted}/timeline`, { token: tenant.apiKey });
    const attempt = timeline.find(({ type }) => type === 'attempt');
    expect(attempt?.detail?.waited?.map(({ reason }) => reason)).toContain('restore_hold');
    expect((await audited(held)).map(({ action, actor }) => [action, actor.kind])).toEqual([
      ['installation.released', 'admin_token'],
      ['installation.held', 'system'],
    ]);
  }, 60_000);

  it('Rule 22: a database that is swapped under a running gateway is on hold before anything is sent', async () => {
    const proxy = await startDatabaseProxy(original.address.url);
    try {
      gateway = await startGateway({
        database: {
          address: new DatabaseAddress(proxy.url, original.address.ownerUrl, proxy.url, 12),
        },
        providerUrl: provider.url,
        // With a lease as long as in earnest, what was read before the cut may be written right after it, before
        // the next heartbeat: only the connection itself can tell.
        variables: { LEASE_MS: '60000', GRACE_MS: '75000' },
      });
      const running = gateway;
      const tenant = await createTenant(running, { max_per_second: 5 });
      for (let count = 0; count < 60; count += 1) await send(running, tenant);
      await eventually(async () => sends() >= 5, { what: 'a lane at work' });
      proxy.cut();
      copy = await cloneTestDatabase(original);
      await swapTestDatabases(original, copy);
      // What was intended before the cut may still go out, for as long as its budget allows.
      await pause(1_500);
      const before = sends();
      expect(before).toBeLessThan(60);
      proxy.mend();
      const state = await eventually(
        async () => (await installation(running).catch(() => null))?.hold,
        { what: 'a hold', withinMs: 20_000 },
      );
      expect(state).toMatchObject({ because: 'marks_differ' });
      // The owner of the lane is back at work: it reports, and has not sent.
      await eventually(
        async () =>
          (await original.query(`select 1 from lanes where report ->> 'reason' = 'restore_hold'`))
            .length === 1,
        { what: 'a lane that waits', withinMs: 20_000 },
      );
      expect(sends()).toBe(before);
      await release(running);
      await eventually(async () => sends() > before, { withinMs: 60_000 });
    } finally {
      await gateway?.close();
      gateway = undefined;
      await proxy.close();
    }
  }, 120_000);

  it('Rule 22: the first connection to another database holds it, before any heartbeat and for the first intent', async () => {
    const proxy = await startDatabaseProxy(original.address.url);
    try {
      gateway = await startGateway({
        database: {
          address: new DatabaseAddress(proxy.url, original.address.ownerUrl, proxy.url, 12),
        },
        providerUrl: provider.url,
        loops: false,
        variables: { LEASE_MS: '60000', GRACE_MS: '75000' },
      });
      const steps = new Steps(gateway, original);
      const tenant = await createTenant(gateway);
      await send(gateway, tenant);
      await steps.own();
      await steps.withoutRateLimit();
      await steps.refresh();
      await steps.page();
      proxy.cut();
      copy = await cloneTestDatabase(original);
      await swapTestDatabases(original, copy);
      proxy.mend();
      gateway.get(Dispatcher).pumpAll();
      await steps.settled();
      expect(sends()).toBe(0);
      expect(await original.query('select held_because from installation')).toEqual([
        { held_because: 'marks_differ' },
      ]);
      await release(gateway);
      await steps.refresh();
      await steps.pump();
      await steps.settled();
      expect(sends()).toBe(1);
    } finally {
      await gateway?.close();
      gateway = undefined;
      await proxy.close();
    }
  }, 60_000);

  it('Rule 22: marks that may not be read are null and hold nothing; the others still tell a copy', async () => {
    await original.query(
      'revoke execute on function pg_control_system(), pg_walfile_name(pg_lsn) from public',
    );
    gateway = await startGateway({ database: original, providerUrl: provider.url });
    expect(await installation(gateway)).toMatchObject({
      marks: { system_identifier: null, timeline: null, database_oid: expect.any(Number) },
      present_marks: { system_identifier: null, timeline: null },
      hold: null,
    });
    const tenant = await createTenant(gateway);
    await send(gateway, tenant);
    await eventually(async () => sends() === 1);
    await gateway.close();
    // Given to the owner alone, they are read by the owner's function, and noted.
    await original.query('grant execute on function pg_control_system() to tyrian_owner');
    gateway = await startGateway({ database: original, providerUrl: provider.url });
    expect(await installation(gateway)).toMatchObject({
      marks: { system_identifier: expect.stringMatching(/^\d+$/), timeline: null },
      hold: null,
    });
    await gateway.close();
    await original.query('revoke execute on function pg_control_system() from tyrian_owner');
    gateway = await startGateway({ database: original, providerUrl: provider.url });
    expect(await installation(gateway)).toMatchObject({
      marks: { system_identifier: expect.stringMatching(/^\d+$/) },
      present_marks: { system_identifier: null },
      hold: null,
    });
    await gateway.close();
    copy = await cloneTestDatabase(original);
    gateway = await startGateway({ database: copy, providerUrl: provider.url });
    expect((await installation(gateway)).hold?.difference.map(({ mark }) => mark)).toEqual([
      'database_oid',
    ]);
  }, 60_000);

  it.each([
    ['hold', {}, 'marks_differ'],
    ['continue', { ON_TIMELINE_CHANGE: 'continue' }, undefined],
  ] as const)(
    'Rule 22: with ON_TIMELINE_CHANGE=%s a new timeline alone means so',
    async (_, variables, because) => {
      gateway = await startGateway({ database: original, providerUrl: provider.url });
      await gateway.close();
      // As the installation knew it before the fail-over.
      await original.query('update installation set timeline = timeline + 7');
      gateway = await startGateway({ database: original, providerUrl: provider.url, variables });
      const state = await installation(gateway);
      expect(state.hold?.because).toBe(because);
      expect(state.marks.timeline === state.present_marks.timeline).toBe(because === undefined);
      expect((await audited(gateway)).map(({ action }) => action)).toEqual([
        because === undefined ? 'installation.timeline_accepted' : 'installation.held',
      ]);
    },
  );

  it('Rule 22: ON_TIMELINE_CHANGE=continue accepts nothing but the timeline', async () => {
    gateway = await startGateway({ database: original, providerUrl: provider.url });
    await gateway.close();
    await original.query(
      `update installation set timeline = timeline + 7, system_identifier = '1'`,
    );
    gateway = await startGateway({
      database: original,
      providerUrl: provider.url,
      variables: { ON_TIMELINE_CHANGE: 'continue' },
    });
    expect((await installation(gateway)).hold?.difference.map(({ mark }) => mark)).toEqual([
      'system_identifier',
      'timeline',
    ]);
  });
});

describe('DISPATCH 22: on hold', () => {
  let world: World;
  let steps: Steps;

  beforeEach(async () => {
    world = await World.start();
    steps = world.steps;
  });

  afterEach(() => world.close());

  /** As another database would be found: the gateway looks with its heartbeat. */
  async function becomeACopy(): Promise<void> {
    await world.database.query(`update installation set system_identifier = '1'`);
  }

  async function round(): Promise<void> {
    await steps.beat();
    await steps.refresh();
    await steps.pump();
    await steps.settled();
  }

  it('Rule 22: what any process finds to be another database is on hold, and the very next intent is refused', async () => {
    await world.send();
    await steps.own();
    await steps.page();
    expect((await installation(steps.gateway)).hold).toBeNull();
    await becomeACopy();
    await world.database.query('select compare_marks(false)');
    expect((await installation(steps.gateway)).hold).toMatchObject({ because: 'marks_differ' });
    // This process does not know it yet: the intent itself is asked.
    await steps.pump();
    await steps.settled();
    expect(world.sends).toHaveLength(0);
    expect(await world.count('intents')).toBe(0);
    await release(steps.gateway);
    await steps.own();
    await round();
    expect(world.sends).toHaveLength(1);
  });

  it('Rule 22: who comes from another database owns nothing, and what stands open there is called unknown', async () => {
    const id = await world.send();
    await steps.own();
    const presence = steps.gateway.get(WorkerPresence);
    const before = presence.id;
    // It was settled in the database that this process worked on until now.
    await world.database.query(
      `insert into intents (tenant_id, id, account_id, token, epoch, owner, message_ids, attempts)
        select q.tenant_id, gen_random_uuid(), l.account_id, l.token, 1, l.owner, array[q.message_id], array[q.attempt]
        from outgoing q join lanes l using (tenant_id, account_id)`,
    );
    expect(await world.count('intents')).toBe(1);
    await becomeACopy();
    await steps.beat();
    expect((await installation(steps.gateway)).hold).toMatchObject({ because: 'marks_differ' });
    expect(presence.id).not.toBe(before);
    expect(steps.lanes.size).toBe(0);
    await steps.own();
    expect(await world.count('intents')).toBe(0);
    expect(await world.read(id)).toMatchObject({
      status: 'uncertain',
      status_detail: { code: 'owner_lost' },
    });
    await release(steps.gateway);
    await round();
    expect(world.sends).toHaveLength(0);
  });

  it('Rule 22: what an operator holds sends nothing at once, and stays held however often it is asked', async () => {
    await world.send();
    await steps.own();
    await steps.page();
    expect((await hold(steps.gateway, 'the provider asked us to')).hold).toMatchObject({
      because: 'operator',
      reason: 'the provider asked us to',
    });
    expect((await hold(steps.gateway, 'again')).hold?.reason).toBe('the provider asked us to');
    await steps.pump();
    await steps.settled();
    expect(world.sends).toHaveLength(0);
    await release(steps.gateway, 'over');
    await release(steps.gateway, 'over');
    await round();
    expect(world.sends).toHaveLength(1);
    expect((await audited(steps.gateway)).map(({ action }) => action)).toEqual([
      'installation.released',
      'installation.held',
    ]);
  });

  it('Rule 22: no poll leaves, not even of a lane that does not know of the hold yet', async () => {
    const id = await world.send();
    await steps.own();
    await round();
    expect((await world.read(id)).status).toBe('sent');
    await world.database.query('update awaiting set next_poll_at = app_clock()');
    await steps.refresh();
    await hold(steps.gateway);
    const before = world.polls.length;
    await pause(200);
    await steps.gateway.get(Poller).runOnce();
    await steps.refresh();
    await steps.gateway.get(Poller).runOnce();
    await pause(100);
    expect(world.polls).toHaveLength(before);
    await release(steps.gateway);
    await eventually(async () => {
      await steps.refresh();
      await steps.gateway.get(Poller).runOnce();
      return world.polls.length > before;
    });
  });

  it('Rule 22: neither an open breaker nor a wrong address is probed', async () => {
    await world.send();
    await steps.own();
    await round();
    const route = steps.gateway.get(ProviderRoute);
    route.foundWrong(0);
    for (let count = 0; count < 5; count += 1) route.breaker.record('unknown', 0);
    skipTime(steps.gateway, 60_000);
    await hold(steps.gateway);
    const before = world.polls.length;
    const prober = steps.gateway.get(BreakerProber);
    await prober.runOnce();
    expect(world.polls).toHaveLength(before);
    await release(steps.gateway);
    await prober.runOnce();
    expect(world.polls).toHaveLength(before + 2);
  });

  it('Rule 22: an empty balance is not probed', async () => {
    world.onSend = (request) =>
      request.answer(402, '{"name":"Payment Required","message":"","code":0,"status":402}');
    await world.send();
    await steps.own();
    await round();
    expect(world.sends).toHaveLength(1);
    world.onSend = (request) => request.accept(world.nextId());
    await hold(steps.gateway);
    for (let count = 0; count < 3; count += 1) await round();
    expect(world.sends).toHaveLength(1);
    expect(await world.count('connection_states where probe_until is not null')).toBe(0);
    await release(steps.gateway);
    await eventually(async () => {
      await round();
      return world.sends.length === 2;
    });
  });

  it('Rule 22: nothing is relayed', async () => {
    await world.send();
    await hold(steps.gateway);
    const relay = steps.gateway.get(OutboxRelay);
    // The first run only makes the tenant's place in the feed.
    for (let runs = 0; runs < 2; runs += 1) await relay.runOnce();
    expect([await world.count('outbox'), await world.count('feed')]).toEqual([1, 0]);
    await release(steps.gateway);
    await relay.runOnce();
    expect([await world.count('outbox'), await world.count('feed')]).toEqual([0, 1]);
  });

  it('Rule 22: nobody says of what came with restored data that it was never sent', async () => {
    const [cancelled, expired] = [await world.send(), await world.send({ validity_seconds: 60 })];
    await pause(20);
    await becomeACopy();
    await steps.beat();
    const own = await world.send();
    await world.moveClock(120_000);
    await steps.gateway.get(MessageEnder).expireOverdue(100);
    for (const id of [cancelled, own])
      await call(steps.gateway, 'POST', `/v1/messages/${id}/cancel`, {
        token: world.tenant.apiKey,
        expect: 200,
      });
    for (const id of [cancelled, expired])
      expect(await world.read(id)).toMatchObject({ status: 'uncertain', is_final: false });
    expect(await world.read(own)).toMatchObject({ status: 'cancelled', is_final: true });
  });
});
