import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Breaker } from '../../apps/gateway/src/lanes/breaker.js';
import { BreakerProber } from '../../apps/gateway/src/lanes/breaker-prober.js';
import { LaneRegistry } from '../../apps/gateway/src/lanes/lane-registry.js';
import type { LaneState } from '../../apps/gateway/src/lanes/lane-state.js';
import { Poller } from '../../apps/gateway/src/lanes/poller.js';
import { ProviderRoute } from '../../apps/gateway/src/lanes/provider-route.js';
import { createTenant, eventually, startGateway } from '../support/gateway.js';
import { skipTime, stopTime } from '../support/monotonic-time.js';
import { patientTimes } from '../support/provider-times.js';
import type { ProviderRequest } from '../support/provider.js';
import { pause, send } from '../support/steps.js';
import { World } from '../support/world.js';

const fine = (request: ProviderRequest): void => request.accept(world.nextId());
const reset = (request: ProviderRequest): void => request.reset();

let world: World;

beforeEach(async () => {
  world = await World.start();
});

afterEach(() => world.close());

async function round(): Promise<void> {
  await world.steps.beat();
  await world.steps.refresh();
  await world.steps.pump();
  await world.steps.settled();
}

/** One message, from acceptance to its outcome. */
async function one(
  onSend: (request: ProviderRequest) => void,
  tenant = world.tenant,
): Promise<void> {
  world.onSend = onSend;
  const before = world.sends.length;
  await send(world.steps.gateway, tenant);
  await eventually(async () => {
    await round();
    return world.sends.length > before;
  });
  await world.steps.settled();
}

describe('DISPATCH 11: breaker', () => {
  it('opens when half of the last twenty are unknown, never five of them in a row', async () => {
    await world.send();
    await world.steps.own();
    await round();
    for (let count = 0; count < 9; count += 1) {
      await one(fine);
      await one(reset);
    }
    const [lane] = world.steps.lanes.all();
    expect(lane?.breaker.isClosed).toBe(true);
    await one(reset);
    expect(lane?.breaker.isClosed).toBe(false);
    const before = world.sends.length;
    world.onSend = fine;
    await world.send();
    await round();
    await round();
    expect(world.sends).toHaveLength(before);
  });

  it('asks its harmless question out of the budget of the lane', async () => {
    await world.send();
    await world.steps.own();
    await round();
    for (let count = 0; count < 5; count += 1) await one(reset);
    const [lane] = world.steps.lanes.all();
    const take = jest.spyOn((lane as LaneState).sends, 'take');
    const questions = world.polls.length;
    skipTime(world.steps.gateway, 2_000);
    await world.steps.gateway.get(BreakerProber).runOnce();
    const asked = world.polls.length - questions;
    expect(asked).toBeGreaterThan(0);
    expect(take.mock.calls).toEqual(Array.from({ length: asked }, () => [1]));
  });

  it('of one lane leaves the others alone', async () => {
    const other = await createTenant(world.steps.gateway, {}, 'Other');
    await world.setRate(5_000);
    await world.send();
    await send(world.steps.gateway, other);
    await world.steps.own();
    await round();
    for (let count = 0; count < 5; count += 1) {
      await one(reset);
      await one(fine, other);
    }
    const open = world.steps.lanes.all().filter((lane) => !lane.breaker.isClosed);
    expect(open).toHaveLength(1);
    expect(world.steps.gateway.get(ProviderRoute).breaker.isClosed).toBe(true);
    await one(fine, other);
  });

  it('of the base URL stops every lane, however few unknowns each one met', async () => {
    const others = [
      await createTenant(world.steps.gateway, {}, 'Second'),
      await createTenant(world.steps.gateway, {}, 'Third'),
    ];
    await world.setRate(5_000);
    for (const tenant of [world.tenant, ...others]) await send(world.steps.gateway, tenant);
    await world.steps.own();
    await round();
    for (const tenant of [world.tenant, world.tenant, ...others, ...others].slice(0, 5))
      await one(reset, tenant);
    expect(world.steps.lanes.all().every((lane) => lane.breaker.isClosed)).toBe(true);
    expect(world.steps.gateway.get(ProviderRoute).breaker.isClosed).toBe(false);
    const before = world.sends.length;
    world.onSend = fine;
    for (const tenant of [world.tenant, ...others]) await send(world.steps.gateway, tenant);
    await round();
    await round();
    expect(world.sends).toHaveLength(before);
  });

  it('asks with a receive-viber that sends nothing, and tries one message only after a good answer', async () => {
    await world.send();
    await world.steps.own();
    await round();
    // No back-off ends by itself.
    stopTime(world.steps.gateway);
    for (let count = 0; count < 5; count += 1) await one(reset);
    const before = world.sends.length;
    const prober = world.steps.gateway.get(BreakerProber);
    for (let count = 0; count < 4; count += 1) await world.send({ text: `waiting ${count}` });
    await prober.runOnce();
    expect(world.polls.filter(isQuestion)).toHaveLength(1); // that of the key's own check

    skipTime(world.steps.gateway, 1_050);
    world.onStatus = (request) => request.answer(502, '<html>');
    await world.steps.beat();
    await prober.runOnce();
    await round();
    expect(world.polls.filter(isQuestion).length).toBeGreaterThan(1);
    expect(world.sends).toHaveLength(before);

    world.onStatus = (request) =>
      request.answer(200, '{"name":"x","message":"","code":1,"status":400}');
    world.onSend = () => undefined;
    skipTime(world.steps.gateway, 2_050);
    await world.steps.beat();
    await prober.runOnce();
    await round();
    expect(world.sentTexts.slice(before)).toEqual(['waiting 0']);
    // The trial, too, is lost: no other message follows, and the back-off grows.
    await world.steps.settled();
    await round();
    expect(world.sends).toHaveLength(before + 1);
    await prober.runOnce();
    await round();
    expect(world.sends).toHaveLength(before + 1);
  });

  it('does not stay shut when its trial never got as far as the provider', async () => {
    const id = await world.send();
    await world.steps.own();
    await round();
    for (let count = 0; count < 5; count += 1) await one(reset);
    await world.send({ text: 'expires' });
    await world.steps.page();
    await world.database.query(
      `update outgoing set expires_at = app_clock() + interval '5 seconds'`,
    );
    skipTime(world.steps.gateway, 1_050);
    world.onSend = fine;
    await world.steps.beat();
    await world.steps.gateway.get(BreakerProber).runOnce();
    await round();
    const waiting = await world.send({ text: 'waits' });
    await round();
    await round();
    expect((await world.read(waiting)).status).toBe('sent');
    expect((await world.read(id)).status).toBe('sent');
  });
});

describe('DISPATCH 11: polls beside an open breaker', () => {
  const notKnown = '{"name":"x","message":"","code":1,"status":400}';

  /** Asks for whatever is due; gives which status requests came, without the harmless question. */
  async function poll(): Promise<number> {
    const before = world.polls.filter((request) => !isQuestion(request)).length;
    await world.database.query('update awaiting set next_poll_at = app_clock()');
    await world.steps.beat();
    await world.steps.refresh();
    await pause(20);
    await world.steps.gateway.get(Poller).runOnce();
    await eventually(async () =>
      world.steps.lanes.all().every((lane) => lane.pollsUnderWay.size === 0),
    );
    return world.polls.filter((request) => !isQuestion(request)).length - before;
  }

  it.each([
    ['a lane with an empty queue', (): Breaker | undefined => world.steps.lanes.all()[0]?.breaker],
    ['the base URL', (): Breaker => world.steps.gateway.get(ProviderRoute).breaker],
  ])('of %s: they go on once the harmless question is answered', async (_, find) => {
    const id = await world.send();
    await world.steps.own();
    await round();
    const breaker = find();
    for (let count = 0; count < 5; count += 1) breaker?.record('unknown', 0);
    expect(breaker?.isClosed).toBe(false);
    world.onStatus = (request) =>
      isQuestion(request)
        ? request.answer(200, notKnown)
        : request.answer(
            200,
            JSON.stringify({ message_id: request.body['message_id'], status: 1 }),
          );
    expect(await poll()).toBe(0);
    await world.steps.gateway.get(BreakerProber).runOnce();
    expect(await poll()).toBe(1);
    expect((await world.read(id)).status).toBe('delivered');
    // No message was tried: the next one that comes is the trial.
    expect(breaker?.isClosed).toBe(false);
    await world.send();
    await round();
    expect(breaker?.isClosed).toBe(true);
  });

  it('they stop when one of them learns nothing, until the question is answered again', async () => {
    await world.send();
    await world.steps.own();
    await round();
    stopTime(world.steps.gateway);
    const [lane] = world.steps.lanes.all();
    for (let count = 0; count < 5; count += 1) lane?.breaker.record('unknown', 0);
    world.onStatus = (request) =>
      isQuestion(request) ? request.answer(200, notKnown) : request.reset();
    const prober = world.steps.gateway.get(BreakerProber);
    await prober.runOnce();
    expect(await poll()).toBe(1);
    expect(await poll()).toBe(0);
    await prober.runOnce();
    expect(await poll()).toBe(0);
    skipTime(world.steps.gateway, 61_000);
    await world.steps.beat();
    await prober.runOnce();
    expect(await poll()).toBe(1);
  });
});

describe('DISPATCH 11: what an outage costs', () => {
  it('is the threshold, the probes and what was in flight; the rest goes out later, in order', async () => {
    const sockets = 4;
    const working = await startGateway({
      database: world.database,
      providerUrl: world.provider.url,
      variables: {
        LIMIT_PROVIDER_SOCKETS: String(sockets),
        // No call is to be lost but by the outage, however slow the machine.
        ...patientTimes,
      },
    });
    try {
      let isOut = true;
      world.onSend = (request) => (isOut ? setTimeout(() => request.reset(), 20) : fine(request));
      world.onStatus = (request) =>
        isOut
          ? request.reset()
          : request.answer(200, '{"name":"x","message":"","code":1,"status":400}');
      const questions = (): number => world.polls.filter(isQuestion).length;
      const before = questions();
      const total = 60;
      for (let count = 0; count < total; count += 1) await world.send({ text: `message ${count}` });
      const lanes = working.get(LaneRegistry);
      await eventually(
        async () => lanes.all().some((lane) => !lane.breaker.isClosed) && questions() > before,
        { what: 'an open breaker that has asked' },
      );
      isOut = false;
      await eventually(async () => (await world.count('outgoing')) === 0, { withinMs: 30_000 });
      const lost = await world.count(`awaiting where status = 'uncertain'`);
      expect(lost).toBeGreaterThanOrEqual(5);
      expect(lost).toBeLessThanOrEqual(5 + sockets + 2);
      // Exactly once each, and what waited went in its order.
      expect(new Set(world.sentTexts).size).toBe(total);
      expect(world.sends).toHaveLength(total);
      const waited = world.sentTexts.slice(lost).map((text) => Number(String(text).split(' ')[1]));
      const jumps = waited.filter((n, at) => at > 0 && n < Number(waited[at - 1]) - sockets);
      expect(jumps).toEqual([]);
    } finally {
      await working.close();
    }
  });
});

function isQuestion(request: ProviderRequest): boolean {
  return request.body['message_id'] === 2_147_483_647;
}
