import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ConnectionKeys } from '../../apps/gateway/src/accounts/index.js';
import { Dispatcher } from '../../apps/gateway/src/lanes/dispatcher.js';
import { Poller } from '../../apps/gateway/src/lanes/poller.js';
import { call, createTenant, eventually, type TestTenant } from '../support/gateway.js';
import { skipTime } from '../support/monotonic-time.js';
import type { ProviderRequest } from '../support/provider.js';
import { pause, send, Steps } from '../support/steps.js';
import { World } from '../support/world.js';

const error = (code: number, status: number): string =>
  JSON.stringify({ name: 'Error', message: '', code, status });
const balanceEmpty = (request: ProviderRequest | undefined): void =>
  request?.answer(200, error(3, 402));
const rateLimited = (request: ProviderRequest | undefined, headers = {}): void =>
  request?.answer(429, error(0, 429), headers);

let world: World;

beforeEach(async () => {
  world = await World.start();
});

afterEach(() => world.close());

/** Another tenant with the same provider key: a lane of its own, one limit and one pause. */
function neighbour(): Promise<TestTenant> {
  const account = { provider_key: `key-${world.tenant.id}` };
  return createTenant(world.steps.gateway, account, 'Neighbour');
}

/** Neighbours are read before the first token is taken. */
async function ownAll(steps = world.steps): Promise<void> {
  await steps.own();
  for (let reading = 0; reading < 3; reading += 1) await steps.refresh();
}

async function round(): Promise<void> {
  await world.steps.beat();
  await world.steps.refresh();
  await world.steps.pump();
}

async function keyState(): Promise<{ epoch: number; pause_reason: string | null; rate: number }> {
  const [state] = await world.database.query<{ epoch: string; pause_reason: string; rate: number }>(
    'select epoch, pause_reason, rate from connection_states',
  );
  if (!state) throw new Error('there is no key');
  return { ...state, epoch: Number(state.epoch) };
}

const findSend = (text: string, attempt = 1): ProviderRequest | undefined =>
  world.sends.filter((request) => request.body['text'] === text)[attempt - 1];

async function onTheWire(text: string, attempt = 1): Promise<ProviderRequest> {
  return eventually(async () => findSend(text, attempt), { what: `${text} on the wire` });
}

/** The attempt's outcome is written, and what it taught as well. */
async function judged(attempts: number): Promise<void> {
  await eventually(async () => (await world.count(`events where type = 'attempt'`)) >= attempts);
  const dispatcher = world.steps.gateway.get(Dispatcher) as unknown as {
    outcomesBeingWritten: number;
  };
  await eventually(async () => dispatcher.outcomesBeingWritten === 0, { what: 'what it taught' });
}

describe('DISPATCH outcomes: 402 that comes late', () => {
  it('only requeues: neither a second pause nor the end of the one that is', async () => {
    world.onSend = () => undefined;
    for (const text of ['a', 'b', 'c']) await world.send({ text });
    await world.steps.own();
    await world.steps.pump();
    await world.sent(3);
    balanceEmpty(findSend('a'));
    await judged(1);
    expect(await keyState()).toMatchObject({ epoch: 2, pause_reason: 'balance_empty' });
    // Intended before the pause: that it went through does not say that the next one will.
    findSend('b')?.accept(world.nextId());
    await judged(2);
    expect(await keyState()).toMatchObject({ epoch: 2, pause_reason: 'balance_empty' });
    balanceEmpty(findSend('c'));
    await judged(3);
    expect(await keyState()).toMatchObject({ epoch: 2, pause_reason: 'balance_empty' });

    await round();
    balanceEmpty(await onTheWire('a', 2));
    await judged(4);
    expect(await keyState()).toMatchObject({ epoch: 2, pause_reason: 'balance_empty' });
    expect(world.sentTexts).toEqual(['a', 'b', 'c', 'a']);
    await world.database.query('update connection_states set probe_until = null');
    await round();
    (await onTheWire('a', 3)).accept(world.nextId());
    await judged(5);
    expect(await keyState()).toMatchObject({ epoch: 3, pause_reason: null });
    await round();
    await onTheWire('c', 2);
    expect(world.sentTexts).toEqual(['a', 'b', 'c', 'a', 'a', 'c']);
  });

  it('does not pause again what a probe has resumed meanwhile', async () => {
    const other = await neighbour();
    world.onSend = () => undefined;
    await world.send({ text: 'mine' });
    await send(world.steps.gateway, other, { text: 'late' });
    await ownAll();
    await world.steps.pump();
    await world.sent(2);
    balanceEmpty(findSend('mine'));
    await judged(1);
    await round();
    (await onTheWire('mine', 2)).accept(world.nextId());
    await judged(2);
    expect(await keyState()).toMatchObject({ epoch: 3, pause_reason: null });
    balanceEmpty(findSend('late'));
    await judged(3);
    expect(await keyState()).toMatchObject({ epoch: 3, pause_reason: null });
    await round();
    await onTheWire('late', 2);
  });

  it('pauses every lane of the key, and one message of one of them is the probe', async () => {
    const other = await neighbour();
    world.onSend = balanceEmpty;
    await world.send({ text: 'mine' });
    await ownAll();
    await world.steps.pump();
    await judged(1);
    world.onSend = () => undefined;
    await world.send({ text: 'mine, too' });
    await send(world.steps.gateway, other, { text: 'theirs' });
    await ownAll();
    for (let rounds = 0; rounds < 3; rounds += 1) await round();
    expect(world.sends).toHaveLength(2);
  });

  it('is followed by the oldest message that is still worth sending as the probe', async () => {
    world.onSend = balanceEmpty;
    await world.send({ text: 'outlived' });
    await world.steps.own();
    await world.steps.pump();
    await judged(1);
    world.onSend = (request) => request.accept(world.nextId());
    await world.send({ text: 'oldest' });
    await world.send({ text: 'younger' });
    await world.database.query(
      `update outgoing set expires_at = app_clock() + interval '5 seconds' where pos = (select pos from outgoing order by pos limit 1)`,
    );
    await round();
    await round();
    await judged(2);
    expect(world.sentTexts.slice(0, 2)).toEqual(['outlived', 'oldest']);
    expect(await keyState()).toMatchObject({ pause_reason: null });
  });
});

describe('DISPATCH outcomes: 401 and 403', () => {
  it('end when the key is changed: the queue goes on with the new one', async () => {
    world.onSend = (request) => request.answer(401, '{}');
    const id = await world.send();
    await world.steps.own();
    await world.steps.pump();
    await judged(1);
    world.onSend = (request) => request.accept(world.nextId());
    const path = `/v1/accounts/${world.tenant.accountId}/rotate-provider-key`;
    const body = { provider_key: 'the-new-key' };
    await call(world.steps.gateway, 'POST', path, { token: world.tenant.apiKey, body });
    await eventually(async () => {
      await round();
      return (await world.read(id)).status === 'sent';
    });
    expect(world.sends).toHaveLength(2);
  });
});

describe('a provider key that is rotated', () => {
  it('is asked for once a tick while the pace of its lane is that of the former one, and the process goes on', async () => {
    await world.send();
    await world.steps.own();
    await world.steps.page();
    const path = `/v1/accounts/${world.tenant.accountId}/rotate-provider-key`;
    const body = { provider_key: 'the-new-key' };
    await call(world.steps.gateway, 'POST', path, {
      token: world.tenant.apiKey,
      body,
      expect: 200,
    });
    await world.setRate(5_000);
    // The key that is known is older than a second: it is read anew, the conditions of the lane are not.
    skipTime(world.steps.gateway, 1_001);
    const open = jest.spyOn(world.steps.gateway.get(ConnectionKeys), 'open');
    world.steps.gateway.get(Dispatcher).pumpAll();
    await eventually(async () => open.mock.calls.length > 0);
    await pause(100);
    expect(open.mock.calls.length).toBeLessThan(3);
    // It did not wait for the refresher, which does not run here.
    await world.steps.beat();
    await world.steps.pump();
    await world.sent(1);
  });
});

describe('DISPATCH outcomes: 402', () => {
  it('is probed with the oldest message of the lane, whatever its class', async () => {
    await world.send({ text: 'oldest' });
    await world.send({ text: 'urgent', priority: 'urgent' });
    await world.steps.own();
    await world.database.query(
      `update connection_states set paused_at = app_clock(), pause_reason = 'balance_empty', epoch = epoch + 1`,
    );
    world.onSend = balanceEmpty;
    await round();
    await world.steps.settled();
    expect(world.sentTexts).toEqual(['oldest']);
  });
});

describe('DISPATCH outcomes: 413 and 415', () => {
  it('must come ten times in a row to pause: one that is taken starts the count anew', async () => {
    const refuse = (request: ProviderRequest): void => request.answer(415, '');
    const attempt = async (onSend: (request: ProviderRequest) => void): Promise<void> => {
      world.onSend = onSend;
      await world.send();
      await round();
      await world.steps.settled();
    };
    await world.steps.own();
    await attempt(refuse);
    await world.steps.own();
    for (let count = 1; count < 9; count += 1) await attempt(refuse);
    await attempt((request) => request.accept(world.nextId()));
    for (let count = 0; count < 9; count += 1) await attempt(refuse);
    await judged(19);
    expect((await keyState()).pause_reason).toBeNull();
    await attempt(refuse);
    await judged(20);
    expect((await keyState()).pause_reason).toBe('requests_refused');
  });
});

describe('DISPATCH outcomes: 429 for a key that several lanes share', () => {
  it('lowers the rate once for a round trip, whichever lane hears of it', async () => {
    const other = await neighbour();
    world.onSend = () => undefined;
    await world.send({ text: 'mine' });
    await send(world.steps.gateway, other, { text: 'theirs' });
    await ownAll();
    await world.steps.pump();
    await world.sent(2);
    rateLimited(findSend('mine'));
    await judged(1);
    expect((await keyState()).rate).toBe(4_250);
    // The other lane reads the lower rate, and then hears of a call that was made before.
    await world.steps.refresh();
    rateLimited(findSend('theirs'));
    await judged(2);
    expect((await keyState()).rate).toBe(4_250);
  });

  it('with Retry-After holds whoever has the key, and no success of an earlier call ends that', async () => {
    const other = await neighbour();
    world.onSend = () => undefined;
    await world.send({ text: 'limited' });
    await world.send({ text: 'taken' });
    await ownAll();
    await world.steps.pump();
    await world.sent(2);
    rateLimited(findSend('limited'), { 'retry-after': '60' });
    await judged(1);
    findSend('taken')?.accept(world.nextId());
    await judged(2);
    await send(world.steps.gateway, other, { text: 'theirs' });
    await world.steps.own();
    const since = performance.now();
    while (performance.now() - since < 1_500) {
      await world.steps.beat();
      await world.steps.pump();
    }
    expect(world.sentTexts).toEqual(['limited', 'taken']);
    await world.database.query('update connection_states set not_before = app_clock()');
    await round();
    await round();
    expect(world.sends.length).toBeGreaterThan(2);
  });

  it('with Retry-After holds the polls of a later owner as well', async () => {
    await world.send({ text: 'taken' });
    await world.steps.own();
    await world.steps.pump();
    await world.steps.settled();
    await world.database.query(
      `update connection_states set not_before = app_clock() + interval '1 minute'`,
    );
    await world.database.query(`update awaiting set next_poll_at = app_clock()`);
    const before = world.polls.length;
    await world.steps.refresh();
    await pause(30);
    await world.steps.gateway.get(Poller).runOnce();
    await pause(60);
    expect(world.polls).toHaveLength(before);
    await world.database.query('update connection_states set not_before = null');
    await round();
    await world.steps.gateway.get(Poller).runOnce();
    await eventually(async () => world.polls.length > before);
  });

  it('is remembered: the next owner goes on with the learned limit, and from an empty bucket', async () => {
    world.onSend = (request) => rateLimited(request);
    await world.send();
    await world.steps.own();
    await world.steps.pump();
    await judged(1);
    for (const lane of world.steps.lanes.all()) lane.releasing = true;
    await world.steps.settled();
    await world.steps.keep();
    const learned = (await keyState()).rate;
    const next: Steps = await world.worker();
    await next.own();
    const [lane] = next.lanes.all();
    expect(lane?.conditions?.known).toMatchObject({ rate: learned, learnedLimit: 5_000 });
    expect(lane?.sends.rate).toBeCloseTo(learned);
    // A bucket that starts full would hold the burst of this rate, and one more.
    expect(lane?.sends.available(performance.now())).toBeLessThan(1 + learned * 0.05);
  });
});
