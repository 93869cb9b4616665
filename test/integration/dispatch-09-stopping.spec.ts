import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Dispatcher } from '../../apps/gateway/src/lanes/dispatcher.js';
import { MessageEnder } from '../../apps/gateway/src/messages/message-ender.js';
import { waitsForLock } from '../support/commit-gate.js';
import { call, eventually } from '../support/gateway.js';
import {
  holdTransaction,
  waitForHeldLocks,
  type HeldTransaction,
} from '../support/held-transaction.js';
import type { ProviderRequest } from '../support/provider.js';
import { reconcilerOf } from '../support/reconciler.js';
import { World } from '../support/world.js';

interface Cancelled {
  readonly httpStatus: number;
  readonly code?: string;
  readonly status?: string;
}

let world: World;
/** Sends that wait for their answers. */
let asked: ProviderRequest[];

beforeEach(async () => {
  world = await World.start();
  waitForHeldLocks(world.steps.gateway);
  asked = [];
  world.onSend = (request) => asked.push(request);
});

afterEach(async () => {
  for (const request of asked) request.reset();
  await world.close();
});

async function cancel(id: string): Promise<Cancelled> {
  const response = await fetch(`${world.steps.gateway.url}/v1/messages/${id}/cancel`, {
    method: 'POST',
    headers: { authorization: `Bearer ${world.tenant.apiKey}` },
  });
  return {
    httpStatus: response.status,
    ...((await response.json()) as { code?: string; status?: string }),
  };
}

const status = async (id: string) => (await world.read(id)).status;
const expireOverdue = () => world.steps.gateway.get(MessageEnder).expireOverdue(1_000);

async function onTheWire(message: Record<string, unknown> = {}): Promise<string> {
  const id = await world.send(message);
  await world.steps.own();
  await world.steps.pump();
  await eventually(async () => asked.length === 1, { what: 'the message on the wire' });
  return id;
}

/** Its first attempt had an unknown outcome: it waits in its grace. */
async function inGrace(): Promise<string> {
  const id = await onTheWire({ delivery_mode: 'at_least_once' });
  asked[0]?.reset();
  await world.steps.settled();
  expect(await world.count('awaiting where retry_at is not null')).toBe(1);
  return id;
}

/** The grace is over: it is queued for its second attempt. */
async function queuedAgain(): Promise<string> {
  const id = await inGrace();
  await world.database.query('update awaiting set retry_at = app_clock()');
  await world.steps.beat();
  await world.steps.returnFromGrace();
  expect(await world.count('outgoing where attempt = 2')).toBe(1);
  return id;
}

/** Stops the next insert into the table right before it happens, with all the locks that its transaction holds. */
async function gateBefore(table: 'intents' | 'outgoing'): Promise<HeldTransaction> {
  await world.database.query(`create function wait_at_gate() returns trigger language plpgsql
    as $$ begin perform pg_advisory_xact_lock(1); return new; end $$`);
  await world.database.query(
    `create trigger gate before insert on ${table} for each row execute function wait_at_gate()`,
  );
  return holdTransaction(world.database, 'select pg_advisory_xact_lock(1)');
}

/** Brings an intent to the point where it holds its queue rows and is not committed; it goes on when released. */
async function intentBeforeItsCommit(): Promise<HeldTransaction> {
  const gate = await gateBefore('intents');
  await world.steps.pump();
  await waitsForLock(world.database, 'advisory');
  return gate;
}

describe('DISPATCH 9: cancel', () => {
  it('takes the queue row away for good, also from an owner that has read it already', async () => {
    const id = await world.send();
    await world.steps.own();
    await world.steps.page();
    expect(await cancel(id)).toMatchObject({ httpStatus: 200, status: 'cancelled' });
    expect(await cancel(id)).toMatchObject({ httpStatus: 200, status: 'cancelled' });
    await world.steps.pump();
    await world.steps.settled();
    expect(world.sends).toHaveLength(0);
    expect(await world.count('outgoing')).toBe(0);
    expect(await world.count(`events where status = 'cancelled'`)).toBe(1);
  });

  it('on the wire: 409 already_sending, and the attempt is settled as if nobody had asked', async () => {
    const id = await onTheWire();
    expect(await cancel(id)).toMatchObject({ httpStatus: 409, code: 'already_sending' });
    asked[0]?.accept(5);
    await world.steps.settled();
    expect(await status(id)).toBe('sent');
    expect(await cancel(id)).toMatchObject({ httpStatus: 409, code: 'message_not_cancellable' });
  });

  it('queued again after a surely unsent attempt: it can be cancelled', async () => {
    const id = await onTheWire();
    asked[0]?.answer(
      429,
      '{"name":"Too Many Requests","message":"Rate limit exceeded.","code":0,"status":429}',
    );
    await eventually(async () => (await status(id)) === 'queued', { what: 'queued again' });
    expect(await cancel(id)).toMatchObject({ httpStatus: 200, status: 'cancelled' });
  });

  it('looks at the intents only when it holds the row: an intent that commits meanwhile is seen', async () => {
    const id = await world.send();
    await world.steps.own();
    const held = await intentBeforeItsCommit();
    const cancelling = cancel(id);
    await waitsForLock(world.database, 'transactionid');
    await held.release();
    expect(await cancelling).toMatchObject({ httpStatus: 409, code: 'already_sending' });
    await eventually(async () => asked.length === 1, { what: 'the message on the wire' });
    expect(await status(id)).toBe('sending');
  });

  it('that holds the row first wins: the intent skips it, and nothing is sent', async () => {
    const id = await world.send();
    await world.steps.own();
    await world.steps.page();
    // The cancel has locked its row, and cannot write its event yet.
    const held = await holdTransaction(world.database, 'lock table messages in exclusive mode');
    const cancelling = cancel(id);
    await eventually(
      async () =>
        (await world.count(`pg_locks where relation = 'messages'::regclass and not granted`)) > 0,
      { what: 'a cancel that waits' },
    );
    // Nothing but the intent: the cancel waits no longer than its request may take.
    world.steps.gateway.get(Dispatcher).pumpAll();
    await world.steps.settled();
    await held.release();
    expect(await cancelling).toMatchObject({ httpStatus: 200, status: 'cancelled' });
    await world.steps.settled();
    expect(world.sends).toHaveLength(0);
  });
});

describe('DISPATCH 9: expire', () => {
  it('ends what waits too long, and leaves what is on the wire to its settle', async () => {
    const sending = await onTheWire();
    const waiting = await world.send();
    await world.database.query('update outgoing set expires_at = app_clock()');
    await expireOverdue();
    expect(await status(waiting)).toBe('expired');
    expect(await status(sending)).toBe('sending');
    asked[0]?.accept(5);
    await world.steps.settled();
    expect(await status(sending)).toBe('sent');
  });

  it('says that there may be more until the last bite, and does not turn for what is on the wire', async () => {
    const { gateway } = world.steps;
    await onTheWire();
    for (let n = 0; n < 3; n += 1) await world.send();
    await world.database.query('update outgoing set expires_at = app_clock()');
    const bites: boolean[] = [];
    for (let n = 0; n < 4; n += 1) bites.push(await gateway.get(MessageEnder).expireOverdue(2));
    // One on the wire is found each time, with one of the three that wait.
    expect(bites).toEqual([true, true, true, false]);
    expect(await world.count('outgoing')).toBe(1);
    expect(await gateway.get(MessageEnder).expireOverdue(1)).toBe(false);
  });

  it('sweeps a whole backlog in one turn of the reconciler', async () => {
    const { tenant } = world;
    const { gateway } = world.steps;
    const message = { recipient: '+380671234567', text: 'Late' };
    for (let n = 0; n < 3; n += 1) {
      await call(gateway, 'POST', '/v1/messages/batch', {
        token: tenant.apiKey,
        body: { messages: Array.from({ length: 1_000 }, () => message) },
        expect: 202,
      });
    }
    await world.database.query('update outgoing set expires_at = app_clock()');
    await reconcilerOf(gateway).expireOverdue();
    expect(await world.count('outgoing')).toBe(0);
    expect(await world.count(`messages where status = 'expired'`)).toBe(3_000);
  });

  it('needs no owner: a message of a paused account expires as well', async () => {
    const id = await world.send();
    await call(world.steps.gateway, 'POST', `/v1/accounts/${world.tenant.accountId}/pause`, {
      token: world.tenant.apiKey,
      body: {},
      expect: 200,
    });
    await world.database.query('update outgoing set expires_at = app_clock()');
    await expireOverdue();
    expect(await world.read(id)).toMatchObject({ status: 'expired', is_final: true, attempts: 0 });
  });

  it('looks at the intents only when it holds the row: an intent that commits meanwhile is seen', async () => {
    const id = await world.send();
    await world.steps.own();
    const key = await laneKey();
    const held = await intentBeforeItsCommit();
    const expiring = world.steps.gateway.get(MessageEnder).expireAccount(...key);
    await waitsForLock(world.database, 'transactionid');
    await held.release();
    await expiring;
    await eventually(async () => asked.length === 1, { what: 'the message on the wire' });
    expect(await status(id)).toBe('sending');
  });

  async function laneKey(): Promise<[string, string]> {
    const [row] = await world.database.query<{ tenant_id: string; account_id: string }>(
      'select tenant_id, account_id from lanes',
    );
    return [row?.tenant_id ?? '', row?.account_id ?? ''];
  }
});

describe('DISPATCH 9: after an attempt with an unknown outcome', () => {
  it('cancelled in the grace: no further attempt, uncertain, and never cancelled', async () => {
    const id = await inGrace();
    expect(await cancel(id)).toMatchObject({ httpStatus: 200, status: 'uncertain' });
    await world.database.moveClock(60_000);
    await world.steps.beat();
    await world.steps.returnFromGrace();
    await world.steps.pump();
    await world.steps.settled();
    expect(world.sends).toHaveLength(1);
    expect(await world.read(id)).toMatchObject({
      status: 'uncertain',
      is_final: false,
      status_detail: { code: 'cancelled_after_unknown_attempt' },
    });
    expect(await cancel(id)).toMatchObject({ httpStatus: 409, code: 'message_not_cancellable' });
  });

  it('cancelled when it is queued again: no further attempt, uncertain, and evidence still counts', async () => {
    const id = await queuedAgain();
    expect(await cancel(id)).toMatchObject({ httpStatus: 200, status: 'uncertain' });
    await world.steps.pump();
    await world.steps.settled();
    expect(world.sends).toHaveLength(1);
    expect(await world.count('outgoing')).toBe(0);
    expect(await world.count(`messages where status is not null`)).toBe(0);
    expect(await world.count('awaiting where retry_at is null')).toBe(1);
  });

  it('cancelled at the moment in which its grace ends: it is found in the queue, and not sent again', async () => {
    const id = await inGrace();
    await world.database.query('update awaiting set retry_at = app_clock()');
    await world.steps.beat();
    const gate = await gateBefore('outgoing');
    const returning = world.steps.returnFromGrace();
    await waitsForLock(world.database, 'advisory');
    const cancelling = cancel(id);
    await waitsForLock(world.database, 'transactionid');
    await gate.release();
    await returning;
    expect(await cancelling).toMatchObject({ httpStatus: 200, status: 'uncertain' });
    await world.steps.pump();
    await world.steps.settled();
    expect(world.sends).toHaveLength(1);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['by the clock', expireOverdue],
    ['as its lane comes to it', () => world.steps.pump()],
  ])('its validity over %s: uncertain, and never expired', async (_, end) => {
    const id = await queuedAgain();
    await world.database.query('update outgoing set expires_at = app_clock()');
    await end();
    await world.steps.settled();
    expect(await world.read(id)).toMatchObject({ status: 'uncertain', is_final: false });
    expect(await world.count('outgoing')).toBe(0);
    expect(world.sends).toHaveLength(1);
  });

  it('the validity over in the grace: no further attempt, uncertain', async () => {
    const id = await inGrace();
    await world.database.query(
      `update awaiting set retry_at = app_clock(), expires_at = app_clock() + interval '29 seconds'`,
    );
    await world.steps.beat();
    await world.steps.returnFromGrace();
    expect(await world.count('outgoing')).toBe(0);
    expect(await world.count('awaiting where retry_at is null')).toBe(1);
    expect(await status(id)).toBe('uncertain');
  });
});
