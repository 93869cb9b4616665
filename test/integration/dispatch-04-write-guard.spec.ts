import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ViberClient, type ViberCallOptions } from '#viber';
import { WorkerPresence } from '../../apps/gateway/src/lanes/worker-presence.js';
import { testConfiguration } from '../support/configuration.js';
import { eventually } from '../support/gateway.js';
import { holdTransaction, waitForHeldLocks } from '../support/held-transaction.js';
import { skipTime } from '../support/monotonic-time.js';
import { pause } from '../support/steps.js';
import { World } from '../support/world.js';

// PROVIDER_TIMEOUT_MS 10000, margin 2000, LEASE_MS 30000: a byte may be written for 18 s after a heartbeat.
const budgetMs = 18_000;

let world: World;

/** Stops every send right before its first byte, as a slow connect would, until it is let on. */
function holdBeforeWriting(): { waiting: () => number; letOn: () => void } {
  const client = world.steps.gateway.get(ViberClient);
  const send = client.send.bind(client);
  const held: (() => void)[] = [];
  client.send = async (credential, request, options?: ViberCallOptions) => {
    await new Promise<void>((resolve) => held.push(resolve));
    return send(credential, request, options);
  };
  return { waiting: () => held.length, letOn: () => held.splice(0).forEach((go) => go()) };
}

/** @param beforeMs how long before its intent the last heartbeat was sent */
async function intendedAndHeld({ beforeMs } = { beforeMs: 0 }): Promise<{
  id: string;
  waiting: () => number;
  letOn: () => void;
}> {
  const { waiting, letOn } = holdBeforeWriting();
  const id = await world.send();
  await world.steps.own();
  skipTime(world.steps.gateway, beforeMs);
  await world.steps.pump();
  await eventually(async () => waiting() === 1, { what: 'an intended send' });
  return { id, waiting, letOn };
}

describe('DISPATCH 4: configuration', () => {
  // A call is 1000 + 200 ms.
  it.each([
    ['LEASE_MS', '2399', '2400', { GRACE_MS: '9000' }],
    ['GRACE_MS', '4199', '4200', {}],
  ])('refuses %s %s and takes %s', (name, refused, taken, variables) => {
    expect(() => testConfiguration({ ...variables, [name]: refused })).toThrow(name);
    expect(() => testConfiguration({ ...variables, [name]: taken })).not.toThrow();
  });

  it('counts the margin that was set, not only the deadline', () => {
    const times = { LEASE_MS: '3000', GRACE_MS: '9000' };
    expect(() => testConfiguration({ ...times, PROVIDER_MARGIN_MS: '501' })).toThrow('LEASE_MS');
    expect(() => testConfiguration({ ...times, PROVIDER_MARGIN_MS: '500' })).not.toThrow();
  });
});

describe('DISPATCH 4: the write guard', () => {
  beforeEach(async () => {
    world = await World.start();
  });

  afterEach(() => world.close());

  it('asks again right before the first byte: an intent outlived by its heartbeat is not sent, and says so', async () => {
    const { id, letOn } = await intendedAndHeld();
    skipTime(world.steps.gateway, budgetMs);
    letOn();
    await world.steps.settled();
    expect(world.sends).toHaveLength(0);
    expect(await world.read(id)).toMatchObject({ status: 'queued', possible_duplicate: false });
    expect(await world.count('intents')).toBe(0);
  });

  it('asks how old the heartbeat is, however young the intent is that stands behind it', async () => {
    const { id, letOn } = await intendedAndHeld({ beforeMs: budgetMs - 8_000 });
    skipTime(world.steps.gateway, 8_000);
    letOn();
    await world.steps.settled();
    expect(world.sends).toHaveLength(0);
    expect(await world.read(id)).toMatchObject({ status: 'queued', possible_duplicate: false });
  });

  it('lets an intent go that is older than its budget, however fresh the heartbeat is', async () => {
    const { id, waiting, letOn } = await intendedAndHeld();
    skipTime(world.steps.gateway, budgetMs);
    await world.steps.beat();
    expect(world.steps.gateway.get(WorkerPresence).mayWrite()).toBe(true);
    letOn();
    // It comes back as surely not sent, and goes out under an intent of its own.
    await eventually(async () => waiting() === 1, { what: 'the second intent' });
    expect(world.sends).toHaveLength(0);
    letOn();
    await world.steps.settled();
    expect(world.sends).toHaveLength(1);
    expect(await world.read(id)).toMatchObject({ status: 'sent', possible_duplicate: false });
  });

  it('writes while both are young', async () => {
    const { letOn } = await intendedAndHeld();
    skipTime(world.steps.gateway, budgetMs - 8_000);
    letOn();
    await world.steps.settled();
    expect(world.sends).toHaveLength(1);
  });

  it('is none of the new name: what was intended under a lost one is not written any more', async () => {
    const { id, letOn } = await intendedAndHeld();
    await world.database.query('update workers set lost_at = app_clock()');
    await world.steps.beat();
    expect(world.steps.gateway.get(WorkerPresence).mayWrite()).toBe(true);
    letOn();
    await world.steps.settled();
    expect(world.sends).toHaveLength(0);
    await world.steps.own();
    expect((await world.read(id)).status).toBe('queued');
  });

  it('counts from when the heartbeat was sent, not from when it was answered', async () => {
    await world.steps.beat();
    waitForHeldLocks(world.steps.gateway);
    const held = await holdTransaction(world.database, 'select 1 from workers for update');
    const beating = world.steps.beat();
    await pause(50);
    skipTime(world.steps.gateway, budgetMs);
    await held.release();
    await beating;
    expect(world.steps.gateway.get(WorkerPresence).mayWrite()).toBe(false);
  });
});
