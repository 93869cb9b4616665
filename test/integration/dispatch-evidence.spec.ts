import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CallbackUrls } from '../../apps/gateway/src/accounts/callback-urls.js';
import { Dispatcher } from '../../apps/gateway/src/lanes/dispatcher.js';
import { Poller } from '../../apps/gateway/src/lanes/poller.js';
import { MessageEnder } from '../../apps/gateway/src/messages/message-ender.js';
import {
  isPossible,
  messageStatuses,
  ranks,
  type MessageStatus,
} from '../../apps/gateway/src/messages/transitions.js';
import { ReceiptFold } from '../../apps/gateway/src/receipts/receipt-fold.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { adminToken } from '../support/configuration.js';
import {
  call,
  createTenant,
  eventually,
  startGateway,
  type TestTenant,
} from '../support/gateway.js';
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
const statusOf = (request: ProviderRequest, status: number): void =>
  request.answer(200, JSON.stringify({ message_id: request.body['message_id'], status }));

beforeEach(async () => {
  onSend = acceptAll;
  onPoll = (request) => statusOf(request, 0);
  database = await createTestDatabase();
  provider = await startProvider((request) => {
    if (request.path.endsWith('/send-viber')) onSend(request);
    // The check of a new key asks for a message that nobody has.
    else if (request.body['message_id'] === 2_147_483_647) request.answer(400, '{}');
    else onPoll(request);
  });
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

const fold = () => steps.gateway.get(ReceiptFold).runOnce();

/** One message that was sent; its callback URLs by attempt are in the requests. */
async function sent(more: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const id = await send(steps.gateway, tenant, more);
  await steps.own();
  await steps.pump();
  await steps.settled();
  return id;
}

function urlOf(index: number): string {
  return String(sends()[index]?.body['callback_url']);
}

async function callBack(url: string, body: unknown): Promise<number> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  await response.arrayBuffer();
  return response.status;
}

describe('DISPATCH 13: evidence', () => {
  it('ranks statuses alike in TypeScript and in SQL', async () => {
    const rows = await database.query<{ status: string; rank: number }>(
      'select status, status_rank(status)::int as rank from unnest($1::text[]) as status',
      [messageStatuses],
    );
    expect(Object.fromEntries(rows.map((row) => [row.status, row.rank]))).toEqual(ranks);
  });

  it('comes to the same final, in whatever order and however often callbacks come', async () => {
    const id = await sent();
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([0, 5, 20, 77, 1, 0, 5, 1], { minLength: 8 }),
        fc.integer({ min: 1, max: 8 }),
        async (statuses, foldEvery) => {
          const messageId = await sent();
          const url = urlOf(sends().length - 1);
          const seen: MessageStatus[] = ['sent'];
          for (const [index, status] of statuses.entries()) {
            expect(await callBack(url, { message_id: nextId, status })).toBe(200);
            if (index % foldEvery === 0) {
              await fold();
              seen.push((await read(steps.gateway, tenant, messageId)).status as MessageStatus);
            }
          }
          await fold();
          expect(backwardSteps(seen)).toEqual([]);
          expect((await read(steps.gateway, tenant, messageId)).status).toBe('delivered');
        },
      ),
      { numRuns: 12 },
    );
    expect((await read(steps.gateway, tenant, id)).status).toBe('sent');
  }, 60_000);

  it('keeps a final, but delivered wins, and is told as a correction', async () => {
    const id = await sent();
    await callBack(urlOf(0), { message_id: nextId, status: 4 });
    await fold();
    expect((await read(steps.gateway, tenant, id)).status).toBe('undelivered');
    await callBack(urlOf(0), { message_id: nextId, status: 3 });
    await fold();
    expect((await read(steps.gateway, tenant, id)).status).toBe('undelivered');
    await callBack(urlOf(0), { message_id: nextId, status: 1 });
    await fold();
    expect((await read(steps.gateway, tenant, id)).status).toBe('delivered');
    const types = await database.query<{ type: string }>(
      `select type from outbox where message_id is not null order by id`,
    );
    expect(types.map((row) => row.type)).toEqual([
      'message.queued',
      'message.sent',
      'message.undelivered',
      'message.corrected',
    ]);
    const [counts] = await database.query(
      'select sum(accepted)::int as accepted, sum(delivered)::int as delivered, sum(undelivered)::int as undelivered from daily_counts',
    );
    expect(counts).toEqual({ accepted: 1, delivered: 1, undelivered: 0 });
  });

  it('resolves uncertain, and brings the id that nobody had', async () => {
    onSend = (request) => request.reset();
    const id = await sent();
    expect((await read(steps.gateway, tenant, id)).status).toBe('uncertain');
    await callBack(urlOf(0), { message_id: 4_711, status: 5 });
    await fold();
    expect(await read(steps.gateway, tenant, id)).toMatchObject({
      status: 'pending',
      provider_message_id: '4711',
    });
    await callBack(urlOf(0), { message_id: 4_711, status: 1 });
    await fold();
    expect((await read(steps.gateway, tenant, id)).status).toBe('delivered');
  });

  it('a final in the grace ends the message, and nothing is sent again', async () => {
    onSend = (request) => request.reset();
    const id = await sent({ delivery_mode: 'at_least_once' });
    await callBack(urlOf(0), { message_id: 1, status: 4 });
    await fold();
    expect((await read(steps.gateway, tenant, id)).status).toBe('undelivered');
    await database.moveClock(60_000);
    await steps.beat();
    await steps.returnFromGrace();
    await steps.pump();
    await steps.settled();
    expect(sends()).toHaveLength(1);
  });

  it('a final for a message that is queued again takes its queue row away', async () => {
    onSend = (request) => request.reset();
    const id = await sent({ delivery_mode: 'at_least_once' });
    await database.query('update awaiting set retry_at = app_clock()');
    await steps.returnFromGrace();
    expect(await database.query('select 1 from outgoing')).toHaveLength(1);
    await callBack(urlOf(0), { message_id: 1, status: 4 });
    await fold();
    expect(await database.query('select 1 from outgoing')).toHaveLength(0);
    expect((await read(steps.gateway, tenant, id)).status).toBe('undelivered');
    onSend = acceptAll;
    await steps.pump();
    await steps.settled();
    expect(sends()).toHaveLength(1);
  });

  it('a failure of an earlier attempt is not the end while a later one is on its way; delivered is', async () => {
    let second: ProviderRequest | undefined;
    onSend = (request) => (sends().length === 1 ? request.reset() : (second = request));
    const id = await sent({ delivery_mode: 'at_least_once' });
    await database.query('update awaiting set retry_at = app_clock()');
    await steps.returnFromGrace();
    await steps.beat();
    await steps.pump();
    const asked = await eventually(async () => second);
    await callBack(urlOf(0), { message_id: 1, status: 4 });
    await fold();
    expect((await read(steps.gateway, tenant, id)).is_final).toBe(false);
    asked.accept(2);
    await steps.settled();
    await database.query('update receipts set fold_after = app_clock()');
    await fold();
    expect((await read(steps.gateway, tenant, id)).status).toBe('sent');
    await callBack(urlOf(0), { message_id: 1, status: 1 });
    await fold();
    expect(await read(steps.gateway, tenant, id)).toMatchObject({
      status: 'delivered',
      possible_duplicate: true,
    });
  });
});

describe('DISPATCH 14: a callback before the answer', () => {
  it('is applied at once; the answer brings the id, and nothing is awaited any more', async () => {
    let answer: ProviderRequest | undefined;
    onSend = (request) => (answer = request);
    const id = await send(steps.gateway, tenant);
    await steps.own();
    await steps.pump();
    const asked = await eventually(async () => answer);
    await callBack(urlOf(0), { status: 1 });
    await fold();
    expect((await read(steps.gateway, tenant, id)).status).toBe('delivered');
    asked.accept(99);
    await steps.settled();
    expect(await read(steps.gateway, tenant, id)).toMatchObject({
      status: 'delivered',
      provider_message_id: '99',
    });
    expect(await database.query('select 1 from awaiting')).toHaveLength(0);
    expect(await database.query('select 1 from provider_ids')).toHaveLength(1);
  });

  it('that is no final waits for the end of the attempt, and then makes an unknown outcome known', async () => {
    let answer: ProviderRequest | undefined;
    onSend = (request) => (answer = request);
    const id = await send(steps.gateway, tenant);
    await steps.own();
    await steps.pump();
    const asked = await eventually(async () => answer);
    await callBack(urlOf(0), { message_id: 55, status: 5 });
    await fold();
    expect((await read(steps.gateway, tenant, id)).status).toBe('sending');
    asked.reset();
    await steps.settled();
    await database.query('update receipts set fold_after = app_clock()');
    await fold();
    expect(await read(steps.gateway, tenant, id)).toMatchObject({
      status: 'pending',
      provider_message_id: '55',
    });
  });
});

describe('DISPATCH 15: callback URLs', () => {
  it('refuse a forged mac and a foreign message, without a look at the database', async () => {
    await sent();
    const url = urlOf(0);
    const forged = [
      url.slice(0, -1) + (url.endsWith('A') ? 'B' : 'A'),
      url.replace(/\.1\./, '.2.'),
      `${url}x`,
      url.slice(0, -10),
    ];
    await database.query(`revoke connect on database ${database.name} from tyrian`);
    try {
      await database.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'tyrian' and datname = current_database()`,
      );
      for (const guess of forged)
        expect(await callBack(guess, { message_id: 1, status: 1 })).toBe(404);
    } finally {
      await database.query(`grant connect on database ${database.name} to tyrian`);
    }
    expect(await database.query('select 1 from receipts')).toHaveLength(0);
  });

  it('answer 503 and never 200 while the callback cannot be stored', async () => {
    await sent();
    await database.query('alter table receipts rename to receipts_away');
    expect(await callBack(urlOf(0), { message_id: 1, status: 1 })).toBe(503);
    await database.query('alter table receipts_away rename to receipts');
    expect(await callBack(urlOf(0), { message_id: 1, status: 1 })).toBe(200);
  });

  it('count the same callback, and keep one whose message is gone', async () => {
    await sent();
    for (let times = 0; times < 3; times += 1)
      await callBack(urlOf(0), { message_id: nextId, status: 5 });
    expect(await database.query('select provider_status, times from receipts')).toEqual([
      { provider_status: '5', times: 3 },
    ]);
    await database.query('delete from messages');
    await callBack(urlOf(0), { message_id: nextId, status: 1 });
    await fold();
    expect(
      await database.query(`select orphaned, folded from receipts where provider_status = '1'`),
    ).toEqual([{ orphaned: true, folded: true }]);
  });

  it('stay good for statuses until six days after their key was retired, and for replies for good', async () => {
    await sent();
    const account = await call<{ inbound_url: string }>(
      steps.gateway,
      'GET',
      `/v1/accounts/${tenant.accountId}`,
      { token: tenant.apiKey },
    );
    await call(steps.gateway, 'POST', '/admin/callback-keys/rotate', { token: adminToken });
    expect(await callBack(urlOf(0), { message_id: nextId, status: 0 })).toBe(200);
    await database.query(
      `update callback_keys set retired_at = retired_at - interval '6 days 1 minute' where retired_at is not null`,
    );
    const urls = steps.gateway.get(CallbackUrls);
    const token = urlOf(0).split('/').at(-1) as string;
    await eventually(async () => urls.readStatus(token) === null, {
      withinMs: 15_000,
      what: 'a key that is read again',
    });
    expect(await callBack(urlOf(0), { message_id: nextId, status: 1 })).toBe(404);
    const reply = {
      message_token: '5123456789012345677',
      phone_number: '380671234567',
      time: 1_700_000_000,
      message: { text: 'Yes' },
    };
    expect(await callBack(account.inbound_url, reply)).toBe(200);
  });

  it('take a reply once, at the URL of the connection and at that of the message', async () => {
    const id = await sent({ two_way: true });
    const tracking = String(sends()[0]?.body['tracking_data']);
    const account = await call<{ inbound_url: string }>(
      steps.gateway,
      'GET',
      `/v1/accounts/${tenant.accountId}`,
      { token: tenant.apiKey },
    );
    const reply = {
      message_token: '5123456789012345677',
      phone_number: '380671234567',
      time: 1_700_000_000_123,
      message: { text: 'Yes', tracking_data: tracking },
    };
    for (const url of [account.inbound_url, account.inbound_url, urlOf(0)])
      expect(await callBack(url, reply)).toBe(200);
    const { data } = await call<{ data: { in_reply_to: string; text: string }[] }>(
      steps.gateway,
      'GET',
      '/v1/inbound-messages',
      { token: tenant.apiKey },
    );
    expect(data).toEqual([expect.objectContaining({ in_reply_to: id, text: 'Yes' })]);
    expect(await database.query('select times, message_token from inbound_tokens')).toEqual([
      { times: 3, message_token: '5123456789012345677' },
    ]);
  });
});

describe('DISPATCH 16: polls', () => {
  const poll = async (): Promise<void> => {
    await steps.beat();
    await steps.refresh();
    await pause(30);
    await steps.gateway.get(Poller).runOnce();
    await eventually(async () => steps.lanes.all().every((lane) => lane.pollsUnderWay.size === 0));
  };
  const asked = (): unknown[] => polls().map((request) => request.body['message_id']);

  it('learn a final without any callback', async () => {
    const id = await sent();
    await database.moveClock(31_000);
    onPoll = (request) => statusOf(request, 1);
    await poll();
    await eventually(async () => (await read(steps.gateway, tenant, id)).status === 'delivered');
    expect(await database.query('select 1 from awaiting')).toHaveLength(0);
  });

  it('take a 400, a 404 and a 402 for no information, and pause nothing', async () => {
    const id = await sent();
    for (const status of [400, 404, 402]) {
      onPoll = (request) => request.answer(status, '{}');
      await database.query('update awaiting set next_poll_at = app_clock()');
      await poll();
    }
    await eventually(
      async () =>
        (await database.query<{ polls: number }>('select polls from awaiting'))[0]?.polls === 3,
    );
    expect((await read(steps.gateway, tenant, id)).status).toBe('sent');
    expect(await database.query('select pause_reason from connection_states')).toEqual([
      { pause_reason: null },
    ]);
  });

  it('go first to what leaves the window soon, then to what was never asked for, by class and newest first', async () => {
    const classes = {
      old: {},
      promotional: { category: 'promotional' },
      normal: {},
      urgent: { priority: 'urgent' },
      closing: {},
    } as const;
    for (const [name, more] of Object.entries(classes))
      for (const n of [1, 2]) await sent({ text: `${name} ${n}`, ...more });
    const idOf = async (text: string): Promise<string> => {
      const [row] = await database.query<{ id: string }>(
        `select a.provider_message_id as id from awaiting a join messages m on m.id = a.message_id where m.text = $1`,
        [text],
      );
      return String(row?.id);
    };
    // Of what was asked for before, the one that waits longest goes first.
    const lines = [
      ['closing 1', 'closing 2'],
      ['urgent 2', 'urgent 1'],
      ['normal 2', 'normal 1'],
      ['promotional 2', 'promotional 1'],
      ['old 1', 'old 2'],
    ];
    const order = await Promise.all(lines.flat().map(idOf));
    await database.query(`update awaiting set next_poll_at = sent_at - interval '1 minute'`);
    await database.query(
      'update awaiting set poll_line = 4, polls = 1 where provider_message_id = any ($1)',
      [order.slice(-2)],
    );
    await database.query('update awaiting set poll_line = 0 where provider_message_id = any ($1)', [
      order.slice(0, 2),
    ]);
    provider.requests.splice(0);
    await poll();
    await eventually(async () => polls().length >= order.length);
    expect(asked().map(String)).toEqual(order);
  });

  it('keep a tenth of the tokens while there is more to send than may go out', async () => {
    await sent();
    await database.query(`update awaiting set next_poll_at = app_clock()`);
    const message = { recipient: '+380671234567', text: 'Hello' };
    await call(steps.gateway, 'POST', '/v1/messages/batch', {
      token: tenant.apiKey,
      body: { messages: Array.from({ length: 200 }, () => message) },
      expect: 202,
    });
    await database.query('update connection_states set rate = 40');
    await steps.page();
    await steps.refresh();
    const [lane] = steps.lanes.all();
    expect(lane?.polls.rate).toBeCloseTo(4);
    expect(lane?.sends.rate).toBeCloseTo(36);
    for (let tries = 0; tries < 8 && polls().length === 0; tries += 1) {
      await steps.beat();
      steps.gateway.get(Dispatcher).pumpAll();
      await steps.gateway.get(Poller).runOnce();
      await pause(100);
    }
    expect(polls()).toHaveLength(1);
  });

  it('end with the window: unresolved, and corrected by evidence that comes later', async () => {
    const id = await sent();
    await database.moveClock(5 * 86_400_000 + 1_000);
    await steps.gateway.get(MessageEnder).closeWindows(100);
    expect(await read(steps.gateway, tenant, id)).toMatchObject({
      status: 'unresolved',
      is_final: true,
    });
    await callBack(urlOf(0), { message_id: nextId, status: 1 });
    await fold();
    expect((await read(steps.gateway, tenant, id)).status).toBe('delivered');
  });

  it('uncertain is final when no evidence can come any more', async () => {
    onSend = (request) => request.reset();
    const id = await sent();
    await database.moveClock(5 * 86_400_000 + 1_000);
    await steps.gateway.get(MessageEnder).closeWindows(100);
    expect((await read(steps.gateway, tenant, id)).is_final).toBe(false);
    await database.moveClock(5 * 86_400_000 + 6 * 3_600_000 + 1_000);
    await steps.gateway.get(MessageEnder).closeWindows(100);
    expect(await read(steps.gateway, tenant, id)).toMatchObject({
      status: 'uncertain',
      is_final: true,
    });
  });
});

/** The changes that the table of transitions does not know. */
function backwardSteps(seen: readonly MessageStatus[]): string[] {
  return seen.slice(1).flatMap((status, index) => {
    const before = seen[index] as MessageStatus;
    return status === before || isPossible(before, status) ? [] : [`${before} > ${status}`];
  });
}
