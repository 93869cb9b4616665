import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { call } from '../support/gateway.js';
import { holdTransaction } from '../support/held-transaction.js';
import { callbackUrl, tell, World } from '../support/world.js';

let world: World;

beforeEach(async () => {
  world = await World.start();
});

afterEach(() => world.close());

async function sendOne(message: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const id = await world.send(message);
  await world.steps.own();
  await world.steps.pump();
  await world.steps.settled();
  return id;
}

async function reply(url: string, token: number): Promise<number> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      message_token: token,
      phone_number: '380671234567',
      time: 1_700_000_000,
      message: { text: 'Yes' },
    }),
  });
  await response.arrayBuffer();
  return response.status;
}

/** As retention leaves it: the message and what was told of it are gone. */
async function forgetMessage(): Promise<void> {
  for (const table of ['awaiting', 'events', 'outbox', 'messages'])
    await world.database.query(`delete from ${table}`);
}

describe('DISPATCH 15: callbacks of a message that is gone', () => {
  it('are stored, each of them as an orphan, and leave no trace of a message', async () => {
    await sendOne();
    const url = callbackUrl(world.sends[0]);
    await forgetMessage();
    for (const status of [5, 1, 5]) expect(await tell(url, status)).toBe(200);
    await world.fold();
    expect(
      await world.database.query(
        'select provider_status, times, folded, orphaned from receipts order by provider_status',
      ),
    ).toEqual([
      { provider_status: '1', times: 1, folded: true, orphaned: true },
      { provider_status: '5', times: 2, folded: true, orphaned: true },
    ]);
    for (const table of ['events', 'outbox', 'messages']) expect(await world.count(table)).toBe(0);
  });

  it('are stored where they are replies, and can be read by their tenant', async () => {
    await sendOne({ two_way: true });
    await forgetMessage();
    expect(await reply(callbackUrl(world.sends[0]), 77)).toBe(200);
    const path = '/v1/inbound-messages';
    const { data } = await call<{ data: unknown[] }>(world.steps.gateway, 'GET', path, {
      token: world.tenant.apiKey,
    });
    expect(data).toEqual([expect.objectContaining({ text: 'Yes', in_reply_to: null })]);
  });
});

describe('DISPATCH 15: callbacks that cannot be stored', () => {
  it('hear 503 where they are replies, and are taken when they come again', async () => {
    await sendOne({ two_way: true });
    const url = callbackUrl(world.sends[0]);
    await world.database.query('revoke insert on inbound_messages from tyrian_ingest');
    expect(await reply(url, 78)).toBe(503);
    await world.database.query('grant insert on inbound_messages to tyrian_ingest');
    expect(await reply(url, 78)).toBe(200);
    expect(await world.count('inbound_messages')).toBe(1);
  });

  it('hear 503 within the time that a provider waits, while somebody holds the table', async () => {
    await sendOne();
    const url = callbackUrl(world.sends[0]);
    const held = await holdTransaction(
      world.database,
      'lock table receipts in access exclusive mode',
    );
    const since = performance.now();
    expect(await tell(url, 1)).toBe(503);
    expect(performance.now() - since).toBeLessThan(5_000);
    await held.release();
    expect(await tell(url, 1)).toBe(200);
    await world.fold();
    expect(await world.count(`messages where status = 'delivered'`)).toBe(1);
  });
});

describe('DISPATCH 15: the same callback again', () => {
  it('only raises a counter, and tells nothing anew', async () => {
    await sendOne();
    const url = callbackUrl(world.sends[0]);
    for (let times = 0; times < 3; times += 1) {
      expect(await tell(url, 5, 1_001)).toBe(200);
      await world.fold();
    }
    expect(await world.database.query('select times, folded from receipts')).toEqual([
      { times: 3, folded: true },
    ]);
    expect(await world.count(`events where type = 'receipt'`)).toBe(1);
  });

  it.each([
    ['an open', 5, 'pending'],
    ['a final', 1, 'delivered'],
  ])('brings %s message the message_id that it came without', async (_, code, status) => {
    world.onSend = (request) => request.reset();
    const id = await sendOne();
    const url = callbackUrl(world.sends[0]);
    await tell(url, code);
    await world.fold();
    expect(await world.read(id)).toMatchObject({ status, provider_message_id: null });
    await tell(url, code, 4711);
    await world.fold();
    expect(await world.read(id)).toMatchObject({ status, provider_message_id: '4711' });
    expect(await world.count(`provider_ids where provider_message_id = '4711'`)).toBe(1);
    expect(await world.count('awaiting where poll_line is null')).toBe(0);
    expect(await world.count(`outbox where type = 'message.${status}'`)).toBe(1);
    expect(await world.count('receipts where not folded')).toBe(0);
  });
});
