import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ProviderRoute } from '../../apps/gateway/src/lanes/provider-route.js';
import { Dispatcher } from '../../apps/gateway/src/lanes/dispatcher.js';
import { BreakerProber } from '../../apps/gateway/src/lanes/breaker-prober.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { adminToken } from '../support/configuration.js';
import {
  call,
  createTenant,
  eventually,
  startGateway,
  type TestTenant,
} from '../support/gateway.js';
import { closeGate } from '../support/commit-gate.js';
import { holdTransaction, waitForHeldLocks } from '../support/held-transaction.js';
import { startProvider, type ProviderRequest, type TestProvider } from '../support/provider.js';
import { pause, read, send, Steps } from '../support/steps.js';

let database: TestDatabase;
let provider: TestProvider;
let onSend: (request: ProviderRequest) => void;
let onPoll: (request: ProviderRequest) => void;
let steps: Steps;
let tenant: TestTenant;

let nextId = 100;
const acceptAll = (request: ProviderRequest): void => request.accept((nextId += 1));
const sends = (): ProviderRequest[] =>
  provider.requests.filter((request) => request.path.endsWith('/send-viber'));
const polls = (): ProviderRequest[] =>
  provider.requests.filter((request) => request.path.endsWith('/receive-viber'));
const errorBody = (code: number, status: number, name: string): string =>
  JSON.stringify({ name, message: 'x', code, status });
const documented = (request: ProviderRequest): void =>
  request.answer(200, errorBody(1, 400, 'Invalid Parameter: [message_id]'));

beforeEach(async () => {
  onSend = acceptAll;
  onPoll = documented;
  database = await createTestDatabase();
  provider = await startProvider((request) =>
    (request.path.endsWith('/send-viber') ? onSend : onPoll)(request),
  );
  const gateway = await startGateway({ database, providerUrl: provider.url, loops: false });
  steps = new Steps(gateway, database);
  tenant = await createTenant(gateway);
  await steps.withoutRateLimit();
});

afterEach(async () => {
  await steps.gateway.close();
  await provider.close();
  await database.drop();
});

/** Lets out what may go, and waits for its end. */
async function round(): Promise<void> {
  await steps.beat();
  await steps.refresh();
  await steps.pump();
  await steps.settled();
}

/** Sends a message, and gives the sends that wait for their answers: that one, and all that follow. */
async function oneOnTheWire(): Promise<ProviderRequest[]> {
  const waiting: ProviderRequest[] = [];
  onSend = (request) => waiting.push(request);
  await send(steps.gateway, tenant);
  await steps.own();
  await steps.pump();
  await eventually(async () => waiting.length === 1, { what: 'a message on the wire' });
  return waiting;
}

/** Whatever the rate lets out in a second, and what was learned from it. */
async function fullSecond(): Promise<void> {
  await steps.beat();
  await steps.page();
  for (let tick = 0; tick < 45; tick += 1) {
    steps.gateway.get(Dispatcher).pumpAll();
    await pause(20);
  }
  await steps.refresh();
}

/** Waits with heartbeats, without which nothing may be written for long. */
async function beating(probe: () => Promise<boolean>): Promise<void> {
  await eventually(async () => {
    await steps.beat();
    return probe();
  });
}

/** The same, and lets out what may go, as the loop would: a bucket fills with time. */
async function pumping(probe: () => Promise<boolean>): Promise<void> {
  await beating(async () => {
    steps.gateway.get(Dispatcher).pumpAll();
    return probe();
  });
}

interface KeyState {
  readonly rate: number;
  readonly learned_limit: number | null;
  readonly pause_reason: string | null;
  readonly epoch: number;
}

async function keyState(): Promise<KeyState> {
  const [state] = await database.query<KeyState>(
    'select rate, learned_limit, pause_reason, epoch::int from connection_states',
  );
  return state as KeyState;
}

describe('DISPATCH outcomes: not sent', () => {
  it('no connection: the message stays queued, the lane backs off, and one message tries the way again', async () => {
    await provider.close();
    const ids = [await send(steps.gateway, tenant), await send(steps.gateway, tenant)];
    await steps.own();
    await steps.pump();
    await steps.settled();
    for (const id of ids) expect((await read(steps.gateway, tenant, id)).status).toBe('queued');
    const [lane] = steps.lanes.all();
    expect(lane?.backOffMs).toBeGreaterThan(0);
    expect(lane?.inFlight).toBe(0);
    provider = await startProvider(); // closed again by afterEach
  });

  it('429: x 0.85 at most once for a round trip, halved when it comes again below the limit, and remembered', async () => {
    const waiting: ProviderRequest[] = [];
    const limited = (request: ProviderRequest): void =>
      request.answer(200, errorBody(0, 429, 'Too Many Requests'));
    onSend = (request) => waiting.push(request);
    await Promise.all(Array.from({ length: 10 }, () => send(steps.gateway, tenant)));
    await database.query('update connection_states set rate = 1000');
    await steps.own();
    await steps.pump();
    await pumping(async () => waiting.length === 10);
    onSend = () => undefined;
    // Ten calls of one round trip.
    for (const request of waiting.splice(0)) limited(request);
    await beating(async () => (await keyState()).rate < 1_000);
    await pause(50);
    expect(await keyState()).toMatchObject({ rate: 850, learned_limit: 1_000 });
    await pumping(async () => sends().length === 20);
    for (const request of sends().slice(10)) limited(request);
    await beating(async () => (await keyState()).rate < 850);
    await pause(50);
    expect(await keyState()).toMatchObject({ rate: 425, learned_limit: 1_000 });
  });

  it('429 with Retry-After: nothing goes out before, whoever owns the lane', async () => {
    onSend = (request) =>
      request.answer(429, errorBody(0, 429, 'Too Many Requests'), { 'retry-after': '30' });
    await send(steps.gateway, tenant);
    await steps.own();
    await steps.pump();
    await steps.settled();
    const [state] = await database.query<{ wait: number }>(
      'select extract(epoch from not_before - app_clock())::float as wait from connection_states',
    );
    expect(state?.wait).toBeGreaterThan(15);
    onSend = acceptAll;
    await round();
    expect(sends()).toHaveLength(1);
    await database.moveClock(30_000);
    await steps.beat();
    await steps.beat();
    await round();
    expect(sends()).toHaveLength(2);
  });

  it('429 with a Retry-After of years holds for a quarter of an hour, and ends with a resume or a rotated key', async () => {
    const held = async () =>
      (
        await database.query<{ wait: number | null; epoch: string }>(
          'select extract(epoch from not_before - app_clock())::float as wait, epoch from connection_states',
        )
      )[0]!;
    onSend = (request) =>
      request.answer(429, errorBody(0, 429, 'Too Many Requests'), { 'retry-after': '999999999' });
    await send(steps.gateway, tenant);
    await steps.own();
    await steps.pump();
    await steps.settled();
    await beating(async () => (await held()).wait !== null);
    const { wait, epoch } = await held();
    expect(wait).toBeGreaterThan(14 * 60);
    expect(wait).toBeLessThanOrEqual(15 * 60);

    const { connection_id } = await call<{ connection_id: string }>(
      steps.gateway,
      'GET',
      `/v1/accounts/${tenant.accountId}`,
      { token: tenant.apiKey },
    );
    await call(steps.gateway, 'POST', `/admin/connections/${connection_id}/resume`, {
      token: adminToken,
    });
    // Nothing was paused: what was intended before may still pause it.
    expect(await held()).toEqual({ wait: null, epoch });

    await database.query(`update connection_states set not_before = app_clock() + interval '1 h'`);
    const rotation = `/v1/accounts/${tenant.accountId}/rotate-provider-key`;
    const body = { provider_key: `key-${tenant.id}` };
    await call(steps.gateway, 'POST', rotation, { token: tenant.apiKey, body });
    expect(await held()).toEqual({ wait: null, epoch });

    onSend = acceptAll;
    await round();
    expect(sends()).toHaveLength(2);
  });

  it('a new key starts at 5 a second, doubles in each second of full use, and stops at max_per_second', async () => {
    const other = await createTenant(steps.gateway, { max_per_second: 12 }, 'Slow');
    const readRate = async () =>
      (
        await database.query<{ rate: number }>(
          'select rate from connection_states where rate < 100',
        )
      )[0]?.rate;
    const rates = [await readRate()];
    for (let count = 0; count < 120; count += 1) await send(steps.gateway, other);
    await steps.own();
    // A busy machine may leave a second without full use, and the rate as it was.
    for (let second = 0; second < 10 && rates.at(-1) !== 12; second += 1) {
      await fullSecond();
      const rate = await readRate();
      if (rate !== rates.at(-1)) rates.push(rate);
    }
    expect(rates).toEqual([5, 10, 12]);

    await fullSecond();
    expect(await readRate()).toBe(12);
  });

  it('402: pauses with an epoch, probes with the oldest, keeps the order, and resumes by a success made after the pause', async () => {
    const started: string[] = [];
    let empty = true;
    onSend = (request) => {
      started.push(String(request.body['text']));
      if (empty) request.answer(200, errorBody(3, 402, 'Topup balance is required'));
      else acceptAll(request);
    };
    await send(steps.gateway, tenant, { text: 'first' });
    await steps.own();
    await steps.pump();
    await steps.settled();
    expect(await keyState()).toMatchObject({ pause_reason: 'balance_empty', epoch: 2 });
    await send(steps.gateway, tenant, { text: 'second' });
    await round();
    const probed = started.length;
    await round();
    // One owner has the right to probe for ten seconds.
    expect(started.length).toBe(probed);
    empty = false;
    await database.query('update connection_states set probe_until = null');
    await round();
    await eventually(async () => (await keyState()).pause_reason === null);
    for (let tries = 0; tries < 5 && !started.includes('second'); tries += 1) await round();
    expect(started.slice(0, -1).every((text) => text === 'first')).toBe(true);
    expect(started.at(-1)).toBe('second');
  });

  it('402: who has probed does not probe again before its time, though it hears of the claim late', async () => {
    let calls = 0;
    onSend = (request) => {
      calls += 1;
      request.answer(200, errorBody(3, 402, 'Topup balance is required'));
    };
    await send(steps.gateway, tenant);
    await steps.own();
    await steps.pump();
    await steps.settled();
    await round();
    expect(calls).toBe(2);

    // As a reading leaves it that began before the claim.
    for (const lane of steps.lanes.all())
      lane.learned(lane.conditions!.fingerprint, { probeUntilMs: null });
    await steps.pump();
    await steps.settled();
    expect(calls).toBe(2);
  });

  it('402: nothing more goes out while that is written', async () => {
    const waiting = await oneOnTheWire();
    const gate = await closeGate(database, 'update on outgoing');
    waiting[0]?.answer(200, errorBody(3, 402, 'Topup balance is required'));
    await gate.reached();
    await send(steps.gateway, tenant);
    await steps.pump();
    expect(waiting).toHaveLength(1);
    await gate.open();
    await steps.settled();
    expect(await keyState()).toMatchObject({ pause_reason: 'balance_empty', epoch: 2 });
  });

  it('402: a worker is not quiet, and does not stop, before the pause is written', async () => {
    const waiting = await oneOnTheWire();
    waitForHeldLocks(steps.gateway);
    const held = await holdTransaction(database, 'select 1 from connection_states for update');
    waiting[0]?.answer(200, errorBody(3, 402, 'Topup balance is required'));
    await eventually(async () => (await database.query('select 1 from intents')).length === 0, {
      what: 'a settle',
    });
    await steps.pump();
    expect(steps.gateway.get(Dispatcher).isQuiet).toBe(false);
    await held.release();
    await steps.settled();
    expect(waiting).toHaveLength(1);
    expect((await keyState()).pause_reason).toBe('balance_empty');
  });

  it.each([401, 403])(
    '%i: paused until an operator says otherwise, and never probed',
    async (status) => {
      onSend = (request) => request.answer(status, '{}');
      const id = await send(steps.gateway, tenant);
      await steps.own();
      await steps.pump();
      await steps.settled();
      expect((await keyState()).pause_reason).toBe('key_refused');
      onSend = acceptAll;
      await round();
      await round();
      expect(sends()).toHaveLength(1);
      const account = await call<{ connection_id: string }>(
        steps.gateway,
        'GET',
        `/v1/accounts/${tenant.accountId}`,
        { token: tenant.apiKey },
      );
      await call(steps.gateway, 'POST', `/admin/connections/${account.connection_id}/resume`, {
        token: adminToken,
      });
      await round();
      expect((await read(steps.gateway, tenant, id)).status).toBe('sent');
    },
  );

  it.each([
    ['404', (request: ProviderRequest) => request.answer(404, '<html>')],
    ['405', (request: ProviderRequest) => request.answer(405, '<html>')],
    [
      'a redirect',
      (request: ProviderRequest) => request.answer(302, '', { location: 'http://127.0.0.1:1/' }),
    ],
  ])('%s: a wrong address pauses the base URL, and nothing is uncertain', async (_name, answer) => {
    onSend = answer;
    const id = await send(steps.gateway, tenant);
    await steps.own();
    await steps.pump();
    await steps.settled();
    const route = steps.gateway.get(ProviderRoute);
    expect(route.isWrongAddress).toBe(true);
    onSend = acceptAll;
    await round();
    expect(sends()).toHaveLength(1);
    expect((await read(steps.gateway, tenant, id)).status).toBe('queued');
    // As if the thirty seconds were over.
    Object.assign(route, { askedAtMs: performance.now() - 31_000 });
    const asked = polls().length;
    await steps.gateway.get(BreakerProber).runOnce();
    expect(polls().length).toBe(asked + 1);
    expect(route.isWrongAddress).toBe(false);
    await round();
    expect((await read(steps.gateway, tenant, id)).status).toBe('sent');
  });
});

describe('DISPATCH outcomes: refused', () => {
  it('400: rejected, with the parameter named', async () => {
    onSend = (request) =>
      request.answer(200, errorBody(1, 400, 'Invalid Parameter: [source_addr]'));
    const id = await send(steps.gateway, tenant);
    await steps.own();
    await steps.pump();
    await steps.settled();
    expect(await read(steps.gateway, tenant, id)).toMatchObject({
      status: 'rejected',
      is_final: true,
      status_detail: { code: 'invalid_parameter', message: expect.stringContaining('source_addr') },
    });
  });

  it('413: refused, and ten in a row pause the connection', async () => {
    onSend = (request) => request.answer(413, '');
    for (let count = 0; count < 12; count += 1) await send(steps.gateway, tenant);
    await steps.own();
    await database.query('update connection_states set rate = 20');
    for (let tries = 0; tries < 40 && (await keyState()).pause_reason === null; tries += 1)
      await round();
    expect((await keyState()).pause_reason).toBe('requests_refused');
    expect(sends().length).toBeGreaterThanOrEqual(10);
  });
});

describe('DISPATCH outcomes: unknown', () => {
  it.each<[string, (request: ProviderRequest) => void]>([
    ['no answer in time', () => undefined],
    ['a reset', (request) => request.reset()],
    ['500', (request) => request.answer(500, 'oops')],
    [
      'code 2 under 200',
      (request) => request.answer(200, errorBody(2, 500, 'Internal server error')),
    ],
    ['an unknown code', (request) => request.answer(200, errorBody(9, 200, 'Something new'))],
    ['200 without an id', (request) => request.answer(200, '{"message_id":null}')],
    ['200 of HTML', (request) => request.answer(200, '<html>')],
  ])('%s: uncertain', async (_name, answer) => {
    onSend = answer;
    const id = await send(steps.gateway, tenant);
    await steps.own();
    await steps.pump();
    await steps.settled();
    expect((await read(steps.gateway, tenant, id)).status).toBe('uncertain');
  });
});

describe('DISPATCH 11: breaker', () => {
  it('opens after five unknowns in a row, asks harmlessly, tries one message, and goes on in order', async () => {
    onSend = (request) => request.reset();
    onPoll = (request) => request.reset();
    for (let count = 0; count < 12; count += 1)
      await send(steps.gateway, tenant, { text: `message ${count}` });
    await steps.own();
    // No more than five go out together, however long a round takes.
    await database.query('update connection_states set rate = 5');
    await steps.refresh();
    const [lane] = steps.lanes.all();
    while (lane?.breaker.isClosed) await round();
    const lost = sends().length;
    expect(lost).toBeGreaterThanOrEqual(5);
    expect(lost).toBeLessThan(10);
    for (let tries = 0; tries < 5; tries += 1) await round();
    expect(sends().length).toBe(lost);
    await pause(1_100);
    await steps.beat();
    await steps.gateway.get(BreakerProber).runOnce();
    await round();
    expect(sends().length).toBe(lost);

    onSend = acceptAll;
    onPoll = documented;
    await eventually(
      async () => {
        await steps.beat();
        await steps.gateway.get(BreakerProber).runOnce();
        await round();
        return lane?.breaker.isClosed === true;
      },
      { withinMs: 20_000, what: 'a closed breaker' },
    );
    while (sends().length < 12) await round();
    expect(sends().map((request) => request.body['text'])).toEqual(
      Array.from({ length: 12 }, (_, index) => `message ${index}`),
    );
  });
});

describe('DISPATCH 12: idle sockets', () => {
  it('are not used again after two seconds', async () => {
    const sockets = new Set<number | undefined>();
    onSend = (request) => {
      sockets.add(request.port);
      acceptAll(request);
    };
    await send(steps.gateway, tenant);
    await steps.own();
    await steps.pump();
    await steps.settled();
    await pause(2_600);
    await send(steps.gateway, tenant);
    await round();
    await round();
    expect(sends()).toHaveLength(2);
    expect(sockets.size).toBe(2);
  });
});
