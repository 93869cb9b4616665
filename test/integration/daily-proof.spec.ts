import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  jest,
} from '@jest/globals';
import { MessageEnder } from '../../apps/gateway/src/messages/message-ender.js';
import { Log } from '../../apps/gateway/src/platform/logging/index.js';
import { ProofRunner } from '../../apps/gateway/src/reconciliation/proof-runner.js';
import { readId, showId } from '../../apps/gateway/src/platform/ids/index.js';
import { adminToken } from '../support/configuration.js';
import { call, createTenant, eventually, type TestTenant } from '../support/gateway.js';
import { pause, send } from '../support/steps.js';
import { callbackUrl, tell, World } from '../support/world.js';

interface Figure {
  readonly counted: number;
  readonly found: number;
}

interface Proof {
  readonly tenant_id: string;
  readonly day: string;
  readonly verdict: string;
  readonly figures: Readonly<Record<string, Figure>>;
  readonly orphaned_callbacks: number;
  readonly open_intents: number;
  readonly leaving_window: number;
  readonly miss_count: number;
  readonly misses: readonly {
    readonly kind: string;
    readonly message_id: string | null;
    readonly status: string | null;
    readonly status_by_timeline: string | null;
    readonly detail: string | null;
  }[];
  readonly checks: number;
  readonly next_check_at: string | null;
  readonly history: readonly { readonly verdict: string }[];
}

interface ProofPage {
  readonly data: Proof[];
  readonly next_cursor: string | null;
}

const noTenant = '00000000-0000-0000-0000-000000000000';
const dayMs = 24 * 3_600_000;
const refusal = '{"name":"Invalid Parameter: [text]","message":"","code":1,"status":400}';

let world: World;

async function startWorld(): Promise<void> {
  await awayFromMidnight();
  world = await World.start();
  world.onSend = (request) => {
    const { text } = request.body;
    if (text === 'refuse') request.answer(200, refusal);
    else if (text === 'cut') request.reset();
    else request.accept(world.nextId());
  };
}

/** Each test its own world; building one takes most of a test's time. */
function inWorldsOfTheirOwn(): void {
  beforeEach(startWorld, 60_000);
  afterEach(() => world.close());
}

const today = (): string => new Date().toISOString().slice(0, 10);
const uuid = (id: string): string => readId('msg', id) as string;

/** Accepts a message and lets it go out. */
async function sendOne(text = 'ok'): Promise<string> {
  const sends = world.sends.length;
  const id = await world.send({ text });
  await world.steps.own();
  await world.steps.pump();
  await world.sent(sends + 1);
  await world.steps.settled();
  return id;
}

async function sendAndTell(status: number): Promise<string> {
  const id = await sendOne();
  expect(await tell(callbackUrl(world.sends.at(-1)), status)).toBe(200);
  await world.fold();
  return id;
}

async function endWindow(id: string): Promise<void> {
  await world.database.query(
    'update awaiting set window_ends_at = app_clock() where message_id = $1',
    [uuid(id)],
  );
  await world.steps.gateway.get(MessageEnder).closeWindows(100);
}

async function expire(): Promise<string> {
  const id = await world.send();
  await world.database.query(`update outgoing set expires_at = app_clock() where message_id = $1`, [
    uuid(id),
  ]);
  await world.steps.gateway.get(MessageEnder).expireOverdue(100);
  return id;
}

const inAnHour = (): string => new Date(Date.now() + 3_600_000).toISOString();

async function cancel(): Promise<string> {
  const id = await world.send({ send_at: inAnHour() });
  await call(world.steps.gateway, 'POST', `/v1/messages/${id}/cancel`, {
    token: world.tenant.apiKey,
    expect: 200,
  });
  return id;
}

/** A message for each end that there is. */
async function everyEnd(): Promise<Record<string, string>> {
  const ids = {
    delivered: await sendAndTell(1),
    undelivered: await sendAndTell(4),
    failed: await sendAndTell(2),
    rejected: await sendOne('refuse'),
    uncertain: await sendOne('cut'),
    unresolved: await sendOne(),
    expired: await expire(),
    cancelled: await cancel(),
  };
  await endWindow(ids.uncertain);
  await endWindow(ids.unresolved);
  return ids;
}

/** Proves today anew; gives what the tenant is shown. */
async function prove(tenant: TestTenant = world.tenant): Promise<Proof> {
  await world.steps.gateway.get(ProofRunner).runOnce(today());
  return shown(tenant);
}

/** The days that are found are due at once, as if the ten minutes of a running one were over. */
async function foundDue(): Promise<void> {
  await world.steps.gateway.get(ProofRunner).runOnce();
  await world.database.query(
    'update reconciliations set next_check_at = app_clock() where checked_at is null',
  );
}

function shown(tenant: TestTenant = world.tenant): Promise<Proof> {
  return call<Proof>(world.steps.gateway, 'GET', `/v1/reconciliations/${today()}`, {
    token: tenant.apiKey,
    expect: 200,
  });
}

const both = (n: number): Figure => ({ counted: n, found: n });
const named = (proof: Proof): unknown[] =>
  proof.misses.map(({ kind, message_id, detail }) => [kind, message_id, detail]);

/** Whatever their order. */
const sorted = (rows: readonly unknown[]): string[] =>
  rows.map((row) => JSON.stringify(row)).toSorted();

/** Every message of a midnight would stand in the day before. */
async function awayFromMidnight(): Promise<void> {
  const leftMs = dayMs - (Date.now() % dayMs);
  if (leftMs < 45_000) await pause(leftMs + 100);
}

describe('the daily proof', () => {
  inWorldsOfTheirOwn();

  it('adds up over every status, and is proved once each message has its end', async () => {
    const ids = await everyEnd();
    const proof = await prove();
    expect(proof).toMatchObject({ verdict: 'proved', misses: [], miss_count: 0, checks: 1 });
    const ones = Object.fromEntries(Object.keys(ids).map((status) => [status, both(1)]));
    expect(proof.figures).toEqual({ accepted: both(8), ...ones, open: both(0) });

    await sendAndTell(5);
    await sendOne('cut');
    await world.send({ send_at: inAnHour() });
    await world.send();
    const later = await prove();
    expect(later).toMatchObject({ verdict: 'open', misses: [], checks: 2 });
    expect(later.figures).toMatchObject({ accepted: both(12), ...ones, open: both(4) });
    expect(later.history.map(({ verdict }) => verdict)).toEqual(['proved', 'open']);
    expect(Date.parse(later.next_check_at ?? '')).toBeGreaterThan(Date.now());
  });

  it('follows corrections: the end moves in both sides', async () => {
    const id = await sendOne();
    await endWindow(id);
    expect((await prove()).figures).toMatchObject({ unresolved: both(1), delivered: both(0) });
    expect(await tell(callbackUrl(world.sends[0]), 1)).toBe(200);
    await world.fold();
    const proof = await prove();
    expect(proof).toMatchObject({ verdict: 'proved', misses: [] });
    expect(proof.figures).toMatchObject({ unresolved: both(0), delivered: both(1) });
  });

  it('is made again when its time has come, and not before', async () => {
    await sendAndTell(1);
    const runner = world.steps.gateway.get(ProofRunner);
    expect(await runner.runOnce()).toBe(0);
    await world.database.moveClock(10 * 60_000);
    expect(await runner.runOnce()).toBe(1);
    expect(await runner.runOnce()).toBe(0);
    await world.database.moveClock(2 * 3_600_000);
    expect(await runner.runOnce()).toBeGreaterThanOrEqual(1);
    expect((await shown()).checks).toBe(2);
  });

  it('leaves a day alone once it is settled', async () => {
    await sendAndTell(1);
    await prove();
    await world.database.moveClock(9 * dayMs);
    await world.steps.gateway.get(ProofRunner).runOnce();
    expect(await shown()).toMatchObject({ verdict: 'proved', checks: 2, next_check_at: null });
  });

  it('is made by one worker at a time, and a claim that nobody gives back ends', async () => {
    await sendAndTell(1);
    const other = await world.worker();
    await foundDue();
    const runs = await Promise.all(
      [world.steps, other].map((steps) => steps.gateway.get(ProofRunner).runOnce()),
    );
    expect(runs.reduce((sum, run) => sum + run)).toBe(1);
    await world.database.query(
      `update reconciliations set next_check_at = app_clock(), claimed_by = gen_random_uuid(), claimed_until = app_clock() + interval '1 minute'`,
    );
    const runner = other.gateway.get(ProofRunner);
    expect(await runner.runOnce()).toBe(0);
    await world.database.query(
      `update reconciliations set claimed_until = app_clock() - interval '1 second'`,
    );
    expect(await runner.runOnce()).toBe(1);
  });
});

describe('the daily proof finds and names', () => {
  let ids: Record<string, string>;

  // One day for all: whatever a test does to it is undone after it.
  const tables =
    'messages events feed outbox receipts provider_ids idempotency_keys scheduled outgoing awaiting daily_counts reconciliations'.split(
      ' ',
    );

  beforeAll(async () => {
    await startWorld();
    ids = await everyEnd();
    const { verdict } = await prove();
    if (verdict !== 'proved') throw new Error(`the clean day is ${verdict}`);
    await world.database.query('create schema kept');
    for (const table of tables)
      await world.database.query(`create table kept.${table} as table ${table}`);
  }, 60_000);

  afterEach(async () => {
    for (const table of tables) {
      await world.database.query(`delete from ${table}`);
      await world.database.query(`insert into ${table} select * from kept.${table}`);
    }
  });

  afterAll(() => world.close());

  it.each([
    ['delivered', 'delivered', `applied and status = 'delivered'`],
    ['delivered', 'attempt 1', `type = 'attempt'`],
    ['rejected', 'rejected', `type = 'attempt'`],
    ['expired', 'expired', `type = 'expired'`],
    ['cancelled', 'cancelled', `type = 'cancelled'`],
    ['uncertain', 'uncertain', `type = 'window_closed'`],
  ])('a deleted event of a message that is %s: %s', async (status, detail, event) => {
    const id = ids[status] as string;
    const gone = await world.database.query(
      `delete from events where message_id = $1 and ${event} returning id`,
      [uuid(id)],
    );
    expect(gone).toHaveLength(1);
    const proof = await prove();
    expect(proof.verdict).toBe('failed');
    expect(named(proof)).toContainEqual(['event_missing', id, detail]);
    expect(proof.misses.every((miss) => miss.message_id === id)).toBe(true);
    // The sums know nothing of it.
    expect(Object.values(proof.figures).every(({ counted, found }) => counted === found)).toBe(
      true,
    );
  });

  it('a deleted event of a callback that changed nothing', async () => {
    const id = ids['delivered'] as string;
    await tell(callbackUrl(world.sends[0]), 5);
    await world.fold();
    expect((await prove()).verdict).toBe('proved');
    await world.database.query(
      `delete from events where message_id = $1 and detail ->> 'provider_status' = '5'`,
      [uuid(id)],
    );
    expect(named(await prove())).toEqual([['event_missing', id, 'receipt 5']]);
  });

  it.each([['delivered'], ['undelivered'], ['uncertain']])(
    'a deleted message that was %s, with the end that it had',
    async (status) => {
      const id = ids[status] as string;
      await world.database.query('delete from messages where id = $1', [uuid(id)]);
      const proof = await prove();
      expect(proof.verdict).toBe('failed');
      expect(proof.misses).toMatchObject([
        { kind: 'message_missing', message_id: id, status_by_timeline: status },
      ]);
      expect(proof.figures).toMatchObject({
        accepted: { counted: 8, found: 7 },
        [status]: { counted: 1, found: 0 },
      });
    },
  );

  it('a deleted message whose timeline is gone with it, by its idempotency key, its provider id or the feed', async () => {
    const { OutboxRelay } = await import('../../apps/gateway/src/timeline/outbox-relay.js');
    await eventually(async () => {
      await world.steps.gateway.get(OutboxRelay).runOnce();
      return (await world.count('outbox')) === 0;
    });
    const keyed = await call<{ id: string }>(world.steps.gateway, 'POST', '/v1/messages', {
      token: world.tenant.apiKey,
      body: { recipient: '+380671234567', text: 'ok', send_at: inAnHour() },
      headers: { 'idempotency-key': 'one' },
      expect: 202,
    });
    for (const id of [keyed.id, ids['delivered'], ids['expired']] as string[]) {
      for (const table of ['events', 'receipts', 'scheduled'])
        await world.database.query(`delete from ${table} where message_id = $1`, [uuid(id)]);
      await world.database.query('delete from messages where id = $1', [uuid(id)]);
    }
    const proof = await prove();
    expect(sorted(named(proof))).toEqual(
      sorted([
        ['message_missing', ids['delivered'], 'feed, provider_ids'],
        ['message_missing', ids['expired'], 'feed'],
        ['message_missing', keyed.id, 'idempotency_keys'],
      ]),
    );
    expect(proof.figures['accepted']).toEqual({ counted: 9, found: 6 });
  });

  it.each([
    ['undelivered', 'delivered'],
    ['rejected', 'failed'],
    ['uncertain', 'cancelled'],
  ])('a status flipped from %s to %s', async (was, is) => {
    const id = ids[was] as string;
    await world.database.query('update messages set status = $2 where id = $1', [uuid(id), is]);
    const proof = await prove();
    expect(proof.misses).toEqual([
      { kind: 'status_differs', message_id: id, status: is, status_by_timeline: was, detail: null },
    ]);
    expect(proof.figures).toMatchObject({
      [was]: { counted: 1, found: 0 },
      [is]: { counted: 1, found: 2 },
    });
  });

  it('two statuses that were swapped, which no sum can see', async () => {
    const [one, other] = [ids['delivered'], ids['expired']] as [string, string];
    await world.database.query(`update messages set status = 'expired' where id = $1`, [uuid(one)]);
    await world.database.query(`update messages set status = 'delivered' where id = $1`, [
      uuid(other),
    ]);
    const proof = await prove();
    expect(Object.values(proof.figures).every(({ counted, found }) => counted === found)).toBe(
      true,
    );
    expect(sorted(named(proof))).toEqual(
      sorted([
        ['status_differs', one, null],
        ['status_differs', other, null],
      ]),
    );
  });

  // A process counts acceptances in one row and ends in another; any of them can be wrong.
  const ofOneSide = 'process_id = (select min(process_id::text)::uuid from daily_counts)';

  it.each(['accepted', 'delivered', 'unresolved'])(
    'a counter of %s that was raised or lowered',
    async (line) => {
      for (const by of [2, -1]) {
        await world.database.query(
          `update daily_counts set ${line} = ${line} + ${by} where ${ofOneSide}`,
        );
        const proof = await prove();
        expect(proof.verdict).toBe('failed');
        const { counted, found } = proof.figures[line] as Figure;
        expect(counted - found).toBe(by);
        expect(proof.misses).toEqual([
          {
            kind: 'counter_differs',
            message_id: null,
            status: null,
            status_by_timeline: null,
            detail: `${line}: ${counted} counted, ${found} found, 0 named`,
          },
        ]);
        await world.database.query(
          `update daily_counts set ${line} = ${line} - ${by} where ${ofOneSide}`,
        );
      }
      expect((await prove()).verdict).toBe('proved');
    },
  );

  it('counters that are gone, even before the day was ever proved', async () => {
    await world.database.query('delete from daily_counts');
    await world.database.query('delete from reconciliations');
    await foundDue();
    await world.steps.gateway.get(ProofRunner).runOnce();
    const proof = await shown();
    expect(proof.verdict).toBe('failed');
    expect(proof.figures['accepted']).toEqual({ counted: 0, found: 8 });
  });

  it('an open message that nobody works on, and one that two do', async () => {
    const lost = await sendOne();
    const twice = await sendOne();
    await world.database.query('delete from awaiting where message_id = $1', [uuid(lost)]);
    await world.database.query(
      `insert into outgoing (tenant_id, message_id, account_id, class, pos, attempt, expires_at)
       select tenant_id, message_id, account_id, class, pos, 2, expires_at from awaiting where message_id = $1`,
      [uuid(twice)],
    );
    const proof = await prove();
    expect(sorted(named(proof))).toEqual(
      sorted([
        ['nowhere', lost, null],
        ['two_places', twice, 'awaiting, outgoing'],
      ]),
    );
    expect(proof.figures['accepted']).toEqual(both(10));
  });
});

describe('a day of many messages', () => {
  inWorldsOfTheirOwn();

  it('is walked to its end: what is gone is named wherever it stood', async () => {
    const day = new Date(Date.now() - dayMs).toISOString().slice(0, 10);
    const tenant = world.tenant.id;
    const count = 5_000;
    await fillDay(tenant, day, count);
    const { gateway } = world.steps;
    const read = (): Promise<Proof> =>
      call(gateway, 'GET', `/admin/reconciliations/${tenant}/${day}`, {
        token: adminToken,
        expect: 200,
      });
    await gateway.get(ProofRunner).runOnce(day);
    expect(await read()).toMatchObject({ verdict: 'proved', figures: { accepted: both(count) } });

    // The first and the last, and both sides of where a chunk ends.
    const places = [1, 1_999, 2_000, 2_001, 4_000, 5_000];
    const gone = await world.database.query<{ id: string }>(
      `delete from messages where id in (
         select id from (select id, row_number() over (order by id) as n from messages where accepted_at::date = $1) m where n = any ($2))
       returning id`,
      [day, places],
    );
    await gateway.get(ProofRunner).runOnce(day);
    const proof = await read();
    expect(proof.misses.map((miss) => miss.message_id)).toEqual(
      gone
        .map(({ id }) => id)
        .toSorted()
        .map((id) => showId('msg', id)),
    );
    expect(proof.figures['accepted']).toEqual({ counted: count, found: count - places.length });
  }, 60_000);
});

/** So many delivered messages, spread over a day, as they look when all is told. */
async function fillDay(tenant: string, day: string, count: number): Promise<void> {
  const tenantId = readId('ten', tenant);
  await world.database.query(
    `with made as materialized (
       select overlay(uuid_v7_floor(at)::text placing right(gen_random_uuid()::text, 17) from 20)::uuid as id, at
       from (select $2::date::timestamp at time zone 'UTC' + n * (interval '1 day' / $3) as at from generate_series(0, $3 - 1) as n) t
     ),
     told as (
       insert into events (tenant_id, message_id, id, at, type, status, attempt, applied, detail)
       select $1::uuid, id, id, at, 'attempt', 'sent', 1, true, '{"outcome": "accepted"}'::jsonb from made
       union all
       select $1::uuid, id, gen_random_uuid(), at, 'receipt', 'delivered', 1, true, '{"provider_status": "1"}'::jsonb from made
     ),
     counted as (
       insert into daily_counts (tenant_id, day, process_id, accepted, delivered) values ($1::uuid, $2::date, gen_random_uuid(), $3, $3)
     )
     insert into messages (tenant_id, id, account_id, accepted_at, sender, recipient, category, class, two_way, provider_message_type,
       delivery_mode, text, validity_seconds, expires_at, status, final_at, attempts)
     select $1::uuid, id, $1::uuid, at, 'Tyrian', '380671234567', 'transactional', 1, false, 106, 'at_most_once', 'Hello', 3600, at, 'delivered', at, 1
     from made`,
    [tenantId, day, count],
  );
}

describe('a proof that fails', () => {
  inWorldsOfTheirOwn();

  it('is an error in the log and an event for operators, once until it changes', async () => {
    const id = await sendAndTell(1);
    const error = jest.spyOn(world.steps.gateway.app.get(Log, { strict: false }), 'error');
    const told = (): Promise<number> =>
      world.count(`outbox where tenant_id = '${noTenant}' and type = 'reconciliation.failed'`);
    await world.database.query(`update messages set status = 'failed' where id = $1`, [uuid(id)]);
    await prove();
    await prove();
    expect(error).toHaveBeenCalledTimes(2);
    expect(error).toHaveBeenCalledWith(
      expect.objectContaining({
        day: today(),
        messages: [uuid(id)],
        lines: ['delivered', 'failed'],
      }),
      expect.stringContaining('does not add up'),
    );
    expect(await told()).toBe(1);
    const [event] = await world.database.query<{ snapshot: object }>(
      `select snapshot from outbox where type = 'reconciliation.failed'`,
    );
    expect(event?.snapshot).toMatchObject({
      tenant_id: world.tenant.id,
      day: today(),
      miss_count: 1,
    });

    await world.database.query(`update messages set status = 'delivered' where id = $1`, [
      uuid(id),
    ]);
    expect(await prove()).toMatchObject({ verdict: 'proved', misses: [] });
    await world.database.query(`update messages set status = 'failed' where id = $1`, [uuid(id)]);
    expect((await prove()).history.map(({ verdict }) => verdict)).toEqual([
      'failed',
      'proved',
      'failed',
    ]);
    expect(await told()).toBe(2);
  });
});

describe('beside the sums the proof counts', () => {
  inWorldsOfTheirOwn();

  it('callbacks whose message is gone, intents that nobody settled, and messages that leave the window', async () => {
    const leaving = await sendOne();
    await world.database.query(
      `update awaiting set window_ends_at = app_clock() + interval '5 hours' where message_id = $1`,
      [uuid(leaving)],
    );
    world.onSend = () => undefined;
    await world.send();
    await world.steps.pump();
    await eventually(async () => (await world.count('intents')) === 1);
    await world.database.query(`update intents set created_at = app_clock() - interval '1 hour'`);
    const gone = callbackUrl(world.sends[0]);
    expect(await prove()).toMatchObject({
      verdict: 'open',
      orphaned_callbacks: 0,
      open_intents: 1,
      leaving_window: 1,
    });
    await world.steps.settled();

    for (const table of ['awaiting', 'events', 'outbox', 'provider_ids'])
      await world.database.query(`delete from ${table} where message_id = $1`, [uuid(leaving)]);
    await world.database.query('delete from messages where id = $1', [uuid(leaving)]);
    await tell(gone, 1);
    await world.fold();
    const proof = await prove();
    expect(proof).toMatchObject({ verdict: 'failed', orphaned_callbacks: 1, leaving_window: 0 });
    expect(named(proof)).toContainEqual(['message_missing', leaving, 'receipts']);
  });
});

describe('the proofs are shown', () => {
  inWorldsOfTheirOwn();

  const list = (token: string, path: string): Promise<ProofPage> =>
    call<ProofPage>(world.steps.gateway, 'GET', path, { token, expect: 200 });

  it('to a tenant its own alone', async () => {
    const { gateway } = world.steps;
    const other = await createTenant(gateway, {}, 'Other');
    await sendAndTell(1);
    await send(gateway, other);
    await send(gateway, other);
    await prove();
    for (const [tenant, accepted] of [
      [world.tenant, 1],
      [other, 2],
    ] as const) {
      const { data } = await list(tenant.apiKey, '/v1/reconciliations');
      expect(data).toHaveLength(1);
      expect(data[0]).toMatchObject({
        tenant_id: tenant.id,
        figures: { accepted: both(accepted) },
      });
    }
    await call(gateway, 'GET', `/v1/reconciliations/2020-01-01`, {
      token: other.apiKey,
      expect: 404,
    });
    await call(gateway, 'GET', '/v1/reconciliations/yesterday', {
      token: other.apiKey,
      expect: 404,
    });
    await call(gateway, 'GET', '/admin/reconciliations', { token: other.apiKey, expect: 401 });
    for (const key of [
      { scopes: ['messages:read'] },
      { scopes: ['*'], account_ids: [other.accountId] },
    ]) {
      const made = await call<{ api_key: string }>(gateway, 'POST', '/v1/api-keys', {
        token: other.apiKey,
        body: { name: 'Weak', ...key },
        expect: 201,
      });
      await call(gateway, 'GET', '/v1/reconciliations', { token: made.api_key, expect: 403 });
    }
  });

  it('to operators with failures first, page by page', async () => {
    const days = 4;
    for (let n = 1; n <= days; n += 1) {
      for (const tenant of [1, 2]) {
        await world.database.query(
          `insert into reconciliations (tenant_id, day, verdict, figures, checks, first_checked_at, checked_at)
           values ($1, $2, $3, $4, 1, app_clock(), app_clock())`,
          [
            `00000000-0000-7000-8000-00000000000${tenant}`,
            `2026-03-0${n}`,
            n % 2 === 0 && tenant === 1 ? 'failed' : 'proved',
            JSON.stringify({
              lines: Object.fromEntries(
                [
                  'accepted',
                  'delivered',
                  'undelivered',
                  'rejected',
                  'failed',
                  'expired',
                  'cancelled',
                  'uncertain',
                  'unresolved',
                  'open',
                ].map((line) => [line, both(0)]),
              ),
              orphanedCallbacks: 0,
              openIntents: 0,
              leavingWindow: 0,
            }),
          ],
        );
      }
    }
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: ProofPage = await list(
        adminToken,
        `/admin/reconciliations?limit=3${cursor === null ? '' : `&cursor=${cursor}`}`,
      );
      seen.push(...page.data.map((row) => `${row.verdict} ${row.day} ${row.tenant_id.at(-1)}`));
      cursor = page.next_cursor;
    } while (cursor !== null);
    expect(seen).toEqual([
      'failed 2026-03-04 1',
      'failed 2026-03-02 1',
      'proved 2026-03-04 2',
      'proved 2026-03-03 2',
      'proved 2026-03-03 1',
      'proved 2026-03-02 2',
      'proved 2026-03-01 2',
      'proved 2026-03-01 1',
    ]);
    const one = showId('ten', '00000000-0000-7000-8000-000000000001');
    const failed = await list(adminToken, `/admin/reconciliations?verdict=failed&tenant_id=${one}`);
    expect(failed.data.map(({ day }) => day)).toEqual(['2026-03-04', '2026-03-02']);
    await call(world.steps.gateway, 'GET', `/admin/reconciliations/${one}/2026-03-01`, {
      token: adminToken,
      expect: 200,
    });
    await call(world.steps.gateway, 'GET', '/admin/reconciliations?cursor=x', {
      token: adminToken,
      expect: 400,
    });
  });
});
