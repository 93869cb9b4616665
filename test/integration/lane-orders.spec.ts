import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BreakerProber } from '../../apps/gateway/src/lanes/breaker-prober.js';
import { LaneReporter } from '../../apps/gateway/src/lanes/lane-reporter.js';
import { WorkerPresence } from '../../apps/gateway/src/lanes/worker-presence.js';
import { adminToken } from '../support/configuration.js';
import { call, createTenant, eventually } from '../support/gateway.js';
import type { ProviderRequest } from '../support/provider.js';
import { send, type Steps } from '../support/steps.js';
import { World } from '../support/world.js';

interface Lane {
  readonly owner: string | null;
  readonly token: number;
  readonly state: string;
  readonly reason: string | null;
}

const unauthorised = (request: ProviderRequest): void => request.answer(401, '{}');
const emptyBalance = (request: ProviderRequest): void =>
  request.answer(
    200,
    '{"name":"Payment Required","message":"Topup balance is required","code":3,"status":402}',
  );
const fine = (request: ProviderRequest): void => request.accept(world.nextId());

let world: World;

beforeEach(async () => {
  world = await World.start();
});

afterEach(() => world.close());

function order(
  what: 'hand-over' | 'probe',
  expected: number,
  accountId = world.tenant.accountId,
): Promise<Lane & { code: string }> {
  return call(world.steps.gateway, 'POST', `/admin/lanes/${accountId}/${what}`, {
    token: adminToken,
    expect: expected,
  });
}

const lane = (): Promise<Lane> =>
  call(world.steps.gateway, 'GET', `/admin/lanes/${world.tenant.accountId}`, {
    token: adminToken,
    expect: 200,
  });

const nameOf = (steps: Steps): string => steps.gateway.get(WorkerPresence).id;

/** The owner looks at its lanes, tells of them, and sends what it may. */
async function round(): Promise<void> {
  await world.steps.beat();
  await world.steps.refresh();
  await world.steps.pump();
  await world.steps.settled();
  await world.steps.gateway.get(LaneReporter).runOnce();
}

async function ownAndSend(): Promise<void> {
  await world.send();
  await world.steps.own();
  await world.steps.pump();
  await world.sent(1);
  await world.steps.settled();
}

describe('handing a lane over', () => {
  it('moves it to another worker once its wire is quiet, and nothing is lost or sent twice', async () => {
    const wire: ProviderRequest[] = [];
    world.onSend = (request) => void wire.push(request);
    await world.send({ text: 'on the wire' });
    await world.steps.own();
    await world.steps.pump();
    await world.sent(1);
    const other = await world.worker();
    await other.own();
    const before = await lane();
    expect(before.owner).toBe(nameOf(world.steps));

    await order('hand-over', 202);
    await world.send({ text: 'behind it' });
    await world.steps.refresh();
    await world.steps.pump();
    await world.steps.keep();
    await other.keep();
    expect(world.sentTexts).toEqual(['on the wire']);
    expect((await lane()).owner).toBe(nameOf(world.steps));

    world.onSend = fine;
    wire[0]?.accept(world.nextId());
    await world.steps.settled();
    await world.steps.keep();
    // Free, and the one that gave it up leaves it to the other, though it has room.
    await world.steps.keep();
    expect(await lane()).toMatchObject({ owner: null, state: 'unowned' });
    await other.own();
    expect(await lane()).toMatchObject({ owner: nameOf(other), token: before.token + 1 });
    await other.pump();
    await world.sent(2);
    await other.settled();
    expect(world.sentTexts).toEqual(['on the wire', 'behind it']);
    expect(await world.count(`awaiting where status = 'sent'`)).toBe(2);
    expect(await world.count('outgoing')).toBe(0);
    expect(await world.count('intents')).toBe(0);
    const [act] = (
      await call<{ data: unknown[] }>(world.steps.gateway, 'GET', '/v1/audit-log?limit=1', {
        token: world.tenant.apiKey,
        expect: 200,
      })
    ).data;
    expect(act).toMatchObject({ action: 'account.lane_handed_over' });
  });

  it('goes to a worker that has its fair share already, which then gives up another lane', async () => {
    const second = await createTenant(world.steps.gateway, {}, 'Second');
    await world.setRate(5_000);
    world.onSend = () => undefined;
    await world.send();
    await world.steps.own();
    const other = await world.worker();
    await send(world.steps.gateway, second);
    await other.own();
    expect(other.lanes.all()).toHaveLength(1);
    await order('hand-over', 202);
    await world.steps.refresh();
    await world.steps.keep();
    await other.own();
    expect((await lane()).owner).toBe(nameOf(other));
    const kept = other.lanes.all();
    expect(kept).toHaveLength(1);
    expect(kept[0]?.isHandedOver).toBe(true);
  });

  it('leaves the lane with its owner where the other worker has gone meanwhile', async () => {
    await ownAndSend();
    const other = await world.worker();
    await other.beat();
    await world.send();
    await order('hand-over', 202);
    await world.steps.refresh();
    await world.steps.keep();
    expect((await lane()).owner).toBeNull();
    await other.gateway.get(WorkerPresence).leave();
    await world.steps.keep();
    expect((await lane()).owner).toBe(nameOf(world.steps));
  });

  it('is refused without an owner, without another worker, and to all but operators', async () => {
    expect(await order('hand-over', 409)).toMatchObject({ code: 'lane_without_owner' });
    await ownAndSend();
    expect(await order('hand-over', 409)).toMatchObject({ code: 'no_other_worker' });
    await call(world.steps.gateway, 'POST', `/admin/lanes/${world.tenant.accountId}/hand-over`, {
      token: world.tenant.apiKey,
      expect: 401,
    });
    await order('hand-over', 404, 'acc_01jf8z5v3we2r9n6k4q7t0xyzb');
  });
});

describe('probing a lane', () => {
  it.each([
    ['key_refused', unauthorised],
    ['balance_empty', emptyBalance],
  ])('resumes a connection with %s whose cause is gone, before its time', async (reason, cause) => {
    world.onSend = cause;
    await ownAndSend();
    await world.send();
    await eventually(async () => {
      await round();
      return (await lane()).reason === reason;
    });
    // An empty balance is probed by itself, and once: the next time is ten seconds away.
    await round();
    const tried = world.sends.length;
    await round();
    expect(world.sends).toHaveLength(tried);

    await order('probe', 202);
    await round();
    expect(world.sends).toHaveLength(tried + 1);
    await round();
    expect(world.sends).toHaveLength(tried + 1);
    expect((await lane()).state).toBe('connection_paused');

    world.onSend = fine;
    await order('probe', 202);
    await eventually(async () => {
      await round();
      return (await world.count('outgoing')) === 0;
    });
    expect((await lane()).state).not.toBe('connection_paused');
    expect(world.sends).toHaveLength(tried + 3);
  });

  it('asks at once where a breaker is open, instead of at the end of its back-off', async () => {
    world.onSend = (request) => request.reset();
    for (let count = 0; count < 5; count += 1) await world.send();
    await world.steps.own();
    await eventually(async () => {
      await round();
      return world.steps.lanes.all().some(({ breaker }) => !breaker.isClosed);
    });
    await world.send();
    await round();
    expect(await lane()).toMatchObject({ state: 'waiting', reason: 'breaker_open' });
    // It would wait for a minute.
    const [owned] = world.steps.lanes.all();
    Object.assign(owned!.breaker, { backOffMs: 60_000 });
    const prober = world.steps.gateway.get(BreakerProber);
    const questions = world.polls.length;
    await prober.runOnce();
    expect(world.polls).toHaveLength(questions);
    world.onSend = fine;
    await order('probe', 202);
    await world.steps.refresh();
    await prober.runOnce();
    expect(world.polls.length).toBeGreaterThan(questions);
    await round();
    expect(owned!.breaker.isClosed).toBe(true);
    expect(await world.count('outgoing')).toBe(0);
  });

  it('is refused where a call would tell nothing', async () => {
    expect(await order('probe', 409)).toMatchObject({ code: 'lane_without_owner' });
    await ownAndSend();
    expect(await order('probe', 409)).toMatchObject({ code: 'nothing_to_probe' });
    await call(world.steps.gateway, 'POST', `/admin/lanes/${world.tenant.accountId}/pause`, {
      token: adminToken,
      expect: 200,
    });
    await world.send();
    expect(await order('probe', 409)).toMatchObject({ code: 'nothing_to_probe' });
  });
});
