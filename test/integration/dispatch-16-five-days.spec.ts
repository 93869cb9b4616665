import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Poller } from '../../apps/gateway/src/lanes/poller.js';
import { MessageEnder } from '../../apps/gateway/src/messages/message-ender.js';
import { ScheduledPromoter } from '../../apps/gateway/src/messages/scheduled-promoter.js';
import { Configuration } from '../../apps/gateway/src/platform/config/index.js';
import {
  Database,
  LaneSignals,
  PartitionKeeper,
} from '../../apps/gateway/src/platform/database/index.js';
import { Log } from '../../apps/gateway/src/platform/logging/index.js';
import { Reconciler } from '../../apps/gateway/src/reconciliation/reconciler.js';
import { eventually } from '../support/gateway.js';
import type { ProviderRequest } from '../support/provider.js';
import { pause } from '../support/steps.js';
import { callbackUrl, tell, World } from '../support/world.js';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const answer = (request: ProviderRequest, status: number): void =>
  request.answer(200, JSON.stringify({ message_id: request.body['message_id'], status }));

let world: World;
let reconciler: Reconciler;

beforeEach(async () => {
  world = await World.start();
  const { gateway } = world.steps;
  reconciler = new Reconciler(
    gateway.get(Database),
    gateway.get(ScheduledPromoter),
    gateway.get(MessageEnder),
    gateway.get(PartitionKeeper),
    gateway.get(LaneSignals),
    gateway.get(Configuration),
    gateway.app.get(Log, { strict: false }),
  );
});

afterEach(() => world.close());

async function sendOne(message: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const id = await world.send(message);
  await world.steps.own();
  await world.steps.pump();
  await world.steps.settled();
  return id;
}

/** Asks for whatever is due; gives how many status requests that took. */
async function poll(): Promise<number> {
  const before = world.polls.length;
  await world.steps.refresh();
  await pause(5);
  await world.steps.gateway.get(Poller).runOnce();
  await eventually(async () =>
    world.steps.lanes.all().every((lane) => lane.pollsUnderWay.size === 0),
  );
  return world.polls.length - before;
}

interface Due {
  readonly nextInMs: number;
  readonly windowInMs: number;
}

/** What the message waits for, in milliseconds from now, by the real clock. */
async function due(): Promise<Due> {
  const [row] = await world.database.query<{ next: number; ends: number }>(
    `select extract(epoch from next_poll_at - statement_timestamp())::float * 1000 as next,
       extract(epoch from window_ends_at - statement_timestamp())::float * 1000 as ends from awaiting`,
  );
  if (!row) throw new Error('nothing is awaited any more');
  return { nextInMs: row.next, windowInMs: row.ends };
}

/** Lives through the provider's window from poll to poll; gives the moments of the polls in milliseconds. */
async function liveThroughTheWindow(): Promise<number[]> {
  const polledAt: number[] = [];
  for (let steps = 0; steps < 200; steps += 1) {
    const { nextInMs, windowInMs } = await due();
    const lastHours = windowInMs - 6 * hourMs + 1_000;
    const isMarked = (await world.count('awaiting where poll_line = 0')) > 0;
    const toMs = isMarked ? nextInMs + 10 : Math.min(nextInMs + 10, lastHours);
    if (toMs >= windowInMs) return polledAt;
    await world.moveClock(toMs);
    await reconciler.markLastPolls();
    for (let asked = await poll(); asked > 0; asked -= 1) polledAt.push(toMs);
  }
  throw new Error('polls without end');
}

describe('DISPATCH 16: five days of a message that stays pending', () => {
  it.each([
    ['an hour', { validity_seconds: 3_600 }, 20, 40],
    ['a day', { validity_seconds: 86_400 }, 35, 60],
  ])(
    'valid for %s: polls are bounded, and the last ones come before the window ends',
    async (_, message, least, most) => {
      world.onStatus = (request) => answer(request, 5);
      await sendOne(message);
      const polledAt = await liveThroughTheWindow();
      expect(polledAt.length).toBeGreaterThanOrEqual(least);
      expect(polledAt.length).toBeLessThanOrEqual(most);
      expect(polledAt[0]).toBeGreaterThan(25_000);
      expect(polledAt[0]).toBeLessThan(35_000);
      expect(polledAt.filter((at) => at > 5 * dayMs - 6 * hourMs).length).toBeGreaterThanOrEqual(2);
      expect(Math.max(...polledAt)).toBeLessThan(5 * dayMs);
      const gaps = polledAt.slice(1).map((at, n) => at - Number(polledAt[n]));
      expect(Math.max(...gaps)).toBeLessThan(6 * hourMs + 60_000);
    },
  );

  it('ends unresolved with the window, is never asked for again, and evidence still corrects it', async () => {
    world.onStatus = (request) => answer(request, 5);
    const id = await sendOne();
    await world.moveClock(5 * dayMs - hourMs);
    await reconciler.closeWindows();
    expect((await world.read(id)).is_final).toBe(false);
    await world.moveClock(5 * dayMs + 1_000);
    await reconciler.closeWindows();
    expect(await world.read(id)).toMatchObject({ status: 'unresolved', is_final: true });
    expect(await poll()).toBe(0);
    await tell(callbackUrl(world.sends[0]), 4);
    await world.fold();
    expect(await world.read(id)).toMatchObject({ status: 'undelivered', is_final: true });
    expect(await world.count(`outbox where type = 'message.corrected'`)).toBe(1);
  });

  it('that nobody knows anything of: uncertain, final after five days and six hours, and still corrected', async () => {
    world.onSend = (request) => request.reset();
    const id = await sendOne();
    await world.moveClock(5 * dayMs + 5.9 * hourMs);
    await reconciler.closeWindows();
    expect(await world.read(id)).toMatchObject({ status: 'uncertain', is_final: false });
    await world.moveClock(5 * dayMs + 6.1 * hourMs);
    await reconciler.closeWindows();
    expect(await world.read(id)).toMatchObject({ status: 'uncertain', is_final: true });
    await tell(callbackUrl(world.sends[0]), 1);
    await world.fold();
    expect(await world.read(id)).toMatchObject({ status: 'delivered', is_final: true });
  });
});

describe('DISPATCH 16: the end of the window', () => {
  // The provider's five days run from its acceptance; ours from when we learned of it, ten minutes less.
  const windowMs = 5 * dayMs - 10 * 60_000;

  it.each([
    [
      'of a message that the provider took',
      async () => {
        world.onStatus = (request) => answer(request, 5);
        await sendOne();
      },
    ],
    [
      'of an uncertain one whose callback brings an id',
      async () => {
        world.onSend = (request) => request.reset();
        world.onStatus = (request) => answer(request, 5);
        await sendOne();
        await world.moveClock(2 * hourMs);
        await tell(callbackUrl(world.sends[0]), 0, 77);
        await world.fold();
      },
    ],
    [
      'of one that was to be sent again, when a callback told that the first attempt came through',
      async () => {
        world.onSend = (request) => request.reset();
        world.onStatus = (request) => answer(request, 5);
        await sendOne({ delivery_mode: 'at_least_once', validity_seconds: 86_400 });
        await world.moveClock(2 * hourMs);
        await world.steps.returnFromGrace();
        expect(await world.count('outgoing')).toBe(1);
        await tell(callbackUrl(world.sends[0]), 0, 77);
        await world.fold();
      },
    ],
  ])(
    'comes before that of the provider, and nothing is asked for after it: %s',
    async (_, prepare) => {
      await prepare();
      await world.moveClock(windowMs - 60_000);
      await world.database.query('update awaiting set next_poll_at = app_clock()');
      expect(await poll()).toBe(1);
      await world.moveClock(windowMs + 10_000);
      await world.database.query('update awaiting set next_poll_at = app_clock()');
      expect(await poll()).toBe(0);
      for (const line of [0, 1, 2, 3, 4]) {
        await world.database.query('update awaiting set poll_line = $1', [line]);
        expect(await poll()).toBe(0);
      }
      await reconciler.closeWindows();
      expect(await world.count('awaiting')).toBe(0);
      expect(await world.count(`messages where status = 'unresolved'`)).toBe(1);
    },
  );
});

describe('DISPATCH 16: polls beside sends', () => {
  it('get their tenth of a busy lane, and sends the rest', async () => {
    world.onStatus = (request) => answer(request, 5);
    for (let count = 0; count < 40; count += 1) await world.send();
    await world.steps.own();
    await eventually(async () => {
      await world.steps.pump();
      return (await world.count('awaiting')) === 40;
    });
    for (let count = 0; count < 200; count += 1) await world.send();
    await world.database.query('update awaiting set next_poll_at = app_clock()');
    await world.database.query('update connections set max_per_second = 50');
    await world.setRate(50);
    await world.steps.page();
    await world.steps.refresh();
    const before = { sends: world.sends.length, polls: world.polls.length };
    const beganMs = performance.now();
    // Until ten have gone: a busy machine turns the loop too seldom to use up each token.
    await eventually(async () => {
      await world.steps.beat();
      await world.steps.pump();
      await world.steps.gateway.get(Poller).runOnce();
      return world.polls.length - before.polls >= 10;
    });
    const seconds = (performance.now() - beganMs) / 1_000;
    const polls = world.polls.length - before.polls;
    const sends = world.sends.length - before.sends;
    expect(polls).toBeLessThanOrEqual(5 * seconds + 3);
    expect(polls + sends).toBeLessThanOrEqual(50 * seconds + 10);
    expect(sends).toBeGreaterThan(2 * polls);
  });

  it('go before sends where a message leaves the window soon, and sends keep a tenth', async () => {
    world.onStatus = (request) => answer(request, 5);
    for (let count = 0; count < 40; count += 1) await world.send();
    await world.steps.own();
    await eventually(async () => {
      await world.steps.pump();
      return (await world.count('awaiting')) === 40;
    });
    for (let count = 0; count < 150; count += 1) await world.send();
    await world.steps.page();
    await world.database.query('update awaiting set poll_line = 0, next_poll_at = app_clock()');
    await world.database.query('update connections set max_per_second = 20');
    await world.setRate(20);
    await world.steps.beat();
    await world.steps.refresh();
    const [lane] = world.steps.lanes.all();
    expect(lane?.polls.rate).toBeCloseTo(18);
    expect(lane?.sends.rate).toBeCloseTo(2);
    const before = { sends: world.sends.length, polls: world.polls.length };
    const startedMs = performance.now();
    await eventually(async () => {
      await world.steps.beat();
      await world.steps.pump();
      await world.steps.gateway.get(Poller).runOnce();
      return world.polls.length - before.polls === 40;
    });
    const seconds = (performance.now() - startedMs) / 1_000;
    // By their floor of a tenth alone they would take twenty seconds, and sends would have gone out meanwhile.
    expect(world.sends.length - before.sends).toBeLessThanOrEqual(2 * seconds + 3);
    await eventually(async () => lane?.pollsUnderWay.size === 0);
    await world.steps.refresh();
    expect(lane?.sends.rate).toBeCloseTo(20);
  });

  it('take no more tokens from sends than there are such messages', async () => {
    await sendOne();
    await world.database.query('update connections set max_per_second = 20');
    await world.setRate(20);
    await world.send();
    await world.steps.page();
    await world.database.query('update awaiting set poll_line = 0, next_poll_at = app_clock()');
    await world.steps.refresh();
    const [lane] = world.steps.lanes.all();
    expect(lane?.polls.rate).toBeCloseTo(2);
    expect(lane?.sends.rate).toBeCloseTo(18);
  });

  it('go on while the balance is empty: what was sent before may have been delivered', async () => {
    const id = await sendOne();
    world.onSend = (request) =>
      request.answer(200, '{"name":"x","message":"","code":3,"status":402}');
    await world.send();
    await world.steps.pump();
    await world.steps.settled();
    await eventually(
      async () => (await world.count('connection_states where paused_at is not null')) === 1,
    );
    world.onStatus = (request) => answer(request, 1);
    await world.database.query('update awaiting set next_poll_at = app_clock()');
    expect(await poll()).toBe(1);
    expect((await world.read(id)).status).toBe('delivered');
  });
});
