import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ConnectionKeys } from '../../apps/gateway/src/accounts/index.js';
import { BreakerProber } from '../../apps/gateway/src/lanes/breaker-prober.js';
import { Dispatcher } from '../../apps/gateway/src/lanes/dispatcher.js';
import { GraceReturner } from '../../apps/gateway/src/lanes/grace-returner.js';
import { Poller } from '../../apps/gateway/src/lanes/poller.js';
import { ProviderRoute } from '../../apps/gateway/src/lanes/provider-route.js';
import { socketsForPolls } from '../../apps/gateway/src/lanes/spare-sockets.js';
import { LaneQueue } from '../../apps/gateway/src/queue/index.js';
import { readId } from '../../apps/gateway/src/platform/ids/index.js';
import { createSharingTenants } from '../support/api.js';
import { adminToken } from '../support/configuration.js';
import { closeGate } from '../support/commit-gate.js';
import { call, createTenant, eventually, type TestTenant } from '../support/gateway.js';
import { skipTime, stopTime } from '../support/monotonic-time.js';
import type { ProviderRequest } from '../support/provider.js';
import { pause, send } from '../support/steps.js';
import { unknownMessage, World } from '../support/world.js';

const answer = (request: ProviderRequest, status: number): void =>
  request.answer(200, JSON.stringify({ message_id: request.body['message_id'], status }));
const isQuestion = (request: ProviderRequest): boolean =>
  request.body['message_id'] === 2_147_483_647;
const polls = (): ProviderRequest[] => world.polls.filter((request) => !isQuestion(request));

let world: World;
let other: TestTenant;

beforeEach(async () => {
  // Answers are held for as long as a test likes.
  world = await World.start({
    variables: { PROVIDER_TIMEOUT_MS: '60000', LEASE_MS: '300000', GRACE_MS: '600000' },
  });
  other = await createTenant(world.steps.gateway, {}, 'Other');
  await world.setRate(5_000);
});

afterEach(() => world.close());

/** So many messages of each of the two tenants, sent and waiting for their status. */
async function sendToBoth(count: number, more: object = {}): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    await send(world.steps.gateway, world.tenant, { ...more });
    await send(world.steps.gateway, other, { ...more });
  }
  await world.steps.own();
  await eventually(async () => {
    await world.steps.beat();
    await world.steps.refresh();
    await world.steps.pump();
    return (await world.count('awaiting')) === 2 * count;
  });
}

async function pollsComeDue(): Promise<void> {
  await world.database.query('update awaiting set next_poll_at = app_clock()');
  await world.steps.beat();
  await world.steps.refresh();
  await pause(50);
}

/** The lane that the loops come to first loses its key. */
async function breakFirstKey(): Promise<void> {
  const [first] = world.steps.lanes.all();
  await world.database.query(
    `update connections set sealed_key = 'nonsense', key_version = key_version + 1 where id = $1`,
    [first?.connectionId],
  );
  skipTime(world.steps.gateway, 1_100);
  await world.steps.beat();
}

describe('a lane whose key cannot be opened', () => {
  it('leaves the polls of the others alone', async () => {
    await sendToBoth(1);
    await breakFirstKey();
    await pollsComeDue();
    world.onStatus = (request) => answer(request, 1);
    await world.steps.gateway.get(Poller).runOnce();
    await eventually(async () => (await world.count(`messages where status = 'delivered'`)) === 1);
    expect(polls()).toHaveLength(1);
  });

  it('leaves it to the others to ask whether the base URL answers', async () => {
    await sendToBoth(1);
    await breakFirstKey();
    const { breaker } = world.steps.gateway.get(ProviderRoute);
    for (let count = 0; count < 5; count += 1) breaker.record('unknown', 0);
    const before = world.polls.length;
    world.onStatus = (request) => request.answer(200, unknownMessage);
    await world.steps.gateway.get(BreakerProber).runOnce();
    expect(world.polls).toHaveLength(before + 1);
    expect(breaker.mayTry).toBe(true);
  });
});

describe('a lane whose intent was late', () => {
  it('gives the next call its time: what it was late is not made up for', async () => {
    await world.send();
    await world.send();
    await world.steps.own();
    await world.setRate(2);
    await world.steps.refresh();
    stopTime(world.steps.gateway);
    const gate = await closeGate(world.database, 'insert on intents');
    await world.steps.pump();
    await gate.reached();
    skipTime(world.steps.gateway, 700);
    await gate.open();
    await world.sent(1);
    await world.steps.settled();
    const sendsAfter = async (ms: number): Promise<number> => {
      skipTime(world.steps.gateway, ms);
      world.steps.gateway.get(Dispatcher).pumpAll();
      await world.steps.settled();
      return world.sends.length;
    };
    // At two a second, less the tenth of a second that any call may be late.
    expect(await sendsAfter(300)).toBe(1);
    expect(await sendsAfter(300)).toBe(2);
  });
});

describe('a lane whose messages cannot go back into the queue', () => {
  it('leaves those of the others alone', async () => {
    world.onSend = (request) => request.reset();
    await sendToBoth(1, { delivery_mode: 'at_least_once' });
    await world.moveClock(700_000);
    await world.steps.refresh();
    const queue = world.steps.gateway.get(LaneQueue);
    const returnFromGrace = queue.returnFromGrace.bind(queue);
    const [first] = world.steps.lanes.all();
    jest.spyOn(queue, 'returnFromGrace').mockImplementation(async (tx, lane, most) => {
      if (lane.accountId === first?.lease.accountId) throw new Error('not this one');
      return returnFromGrace(tx, lane, most);
    });
    await world.steps.gateway.get(GraceReturner).runOnce();
    expect(await world.count('outgoing where attempt = 2')).toBe(1);
  });
});

describe('DISPATCH 11: a wrong address', () => {
  it('is not right again because a key cannot be presented, or is refused by whoever answers there', async () => {
    await sendToBoth(1);
    const [first, second] = world.steps.lanes.all();
    const keys = world.steps.gateway.get(ConnectionKeys);
    const opened = await keys.open(second?.connectionId as string);
    const usable = new Set([second?.connectionId]);
    jest.spyOn(keys, 'open').mockImplementation(async (id) => ({
      ...opened,
      key: usable.has(id) ? 'key' : 'ключ',
      auth: 'encoded',
    }));
    const route = world.steps.gateway.get(ProviderRoute);
    route.foundWrong(0);

    const ask = async (): Promise<number> => {
      const before = world.polls.length;
      skipTime(world.steps.gateway, 31_000);
      await world.steps.beat();
      await world.steps.gateway.get(BreakerProber).runOnce();
      return world.polls.length - before;
    };
    world.onStatus = (request) => request.answer(401, 'Who are you?');
    expect(await ask()).toBe(1);
    expect(route.isWrongAddress).toBe(true);
    usable.clear();
    expect(await ask()).toBe(0);
    expect(route.isWrongAddress).toBe(true);
    // Nor does it show that anybody answers.
    for (let count = 0; count < 5; count += 1) route.breaker.record('unknown', 0);
    expect(await ask()).toBe(0);
    expect(route.breaker.mayTry).toBe(false);
    usable.add(first?.connectionId);
    world.onStatus = (request) => request.answer(200, unknownMessage);
    await eventually(async () => (await ask()) > 0 && !route.isWrongAddress);
    await eventually(async () => (await ask()) > 0 || route.breaker.mayTry);
    expect(route.breaker.mayTry).toBe(true);
  });
});

describe('DISPATCH 5: polls in the queue of the HTTP client', () => {
  it('are none: all lanes together have no more on their way than there are sockets for them', async () => {
    await sendToBoth(60);
    const held: ProviderRequest[] = [];
    world.onStatus = (request) => void held.push(request);
    await pollsComeDue();
    const pollOn = async (): Promise<void> => {
      await world.steps.beat();
      await world.steps.refresh();
      await pause(30);
      await world.steps.gateway.get(Poller).runOnce();
    };
    await eventually(async () => {
      await pollOn();
      return held.length >= socketsForPolls;
    });
    for (let round = 0; round < 3; round += 1) await pollOn();
    await pause(100);
    expect(held).toHaveLength(socketsForPolls);
    for (const request of held.splice(0)) answer(request, 1);
    await eventually(async () => (await world.count('awaiting')) === 120 - socketsForPolls);
    await eventually(async () => {
      await pollOn();
      return held.length === 120 - socketsForPolls;
    });
    for (const request of held.splice(0)) answer(request, 1);
    await eventually(async () => (await world.count('awaiting')) === 0);
  });
});

describe('a lane of a shared key that people hold', () => {
  it('leaves its part to its neighbours, and begins anew when it is let go', async () => {
    const { gateway } = world.steps;
    const shared = { providerKey: 'key-shared', maxPerSecond: 20 };
    const [light, heavy] = (await createSharingTenants(gateway, shared, [1, 3])) as [
      TestTenant,
      TestTenant,
    ];
    await world.setRate(20);
    for (const tenant of [light, heavy]) await send(gateway, tenant);
    await world.steps.own();
    const laneOf = ({ accountId }: TestTenant) =>
      world.steps.lanes.all().find(({ lease }) => lease.accountId === readId('acc', accountId))!;
    const read = async (times = 1): Promise<void> => {
      for (let time = 0; time < times; time += 1) await world.steps.refresh();
    };
    const act = (what: 'pause' | 'resume', { accountId }: TestTenant) =>
      call(gateway, 'POST', `/admin/lanes/${accountId}/${what}`, {
        token: adminToken,
        expect: 200,
      });
    await read(2);
    expect([laneOf(light).sends.rate, laneOf(heavy).sends.rate]).toEqual([5, 15]);
    await act('pause', heavy);
    await read();
    // What the held lane keeps is for its polls.
    expect(laneOf(light).sends.rate).toBeCloseTo(20 / 1.3);
    expect(laneOf(heavy).polls.rate).toBeCloseTo(20 * (0.3 / 1.3));
    await act('resume', heavy);
    await read();
    expect([laneOf(light).sends.rate, laneOf(heavy).sends.rate]).toEqual([5, 15]);
    expect([laneOf(light).mayStart, laneOf(heavy).mayStart]).toEqual([true, false]);
    await read(2);
    expect(laneOf(heavy).mayStart).toBe(true);
  });
});
