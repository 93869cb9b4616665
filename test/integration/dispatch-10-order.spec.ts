import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Dispatcher } from '../../apps/gateway/src/lanes/dispatcher.js';
import { ScheduledPromoter } from '../../apps/gateway/src/messages/index.js';
import { readId } from '../../apps/gateway/src/platform/ids/index.js';
import { call, createTenant } from '../support/gateway.js';
import { skipTime } from '../support/monotonic-time.js';
import type { ProviderRequest } from '../support/provider.js';
import { send } from '../support/steps.js';
import { World } from '../support/world.js';

const perSecond = 20;
const rateLimited =
  '{"name":"Too Many Requests","message":"Rate limit exceeded.","code":0,"status":429}';

let world: World;

beforeEach(async () => {
  world = await World.start({ rate: perSecond });
});

afterEach(() => world.close());

/** Lets one message after another out, a token at a time, until so many sends have come in. */
async function letOut(count: number): Promise<void> {
  const { gateway } = world.steps;
  for (let round = 0; world.sends.length < count && round < count * 4; round += 1) {
    skipTime(gateway, 1_000 / perSecond);
    await world.steps.beat();
    gateway.get(Dispatcher).pumpAll();
    await world.steps.settled();
  }
  expect(world.sends.length).toBeGreaterThanOrEqual(count);
}

async function sendMany(name: string, count: number, more: object = {}): Promise<string[]> {
  const texts = Array.from({ length: count }, (_, n) => `${name} ${n}`);
  await call(world.steps.gateway, 'POST', '/v1/messages/batch', {
    token: world.tenant.apiKey,
    body: { messages: texts.map((text) => ({ recipient: '+380671234567', text, ...more })) },
    expect: 202,
  });
  return texts;
}

const positionOf = async (id: string): Promise<string | undefined> => {
  const [row] = await world.database.query<{ pos: string }>(
    'select pos from outgoing where message_id = $1',
    [readId('msg', id)],
  );
  return row?.pos;
};

const sentOf = (name: string): unknown[] =>
  world.sentTexts.filter((text) => String(text).startsWith(name));

describe('DISPATCH 10: the classes', () => {
  it('urgent goes first, and each lower class keeps a tenth of the tokens', async () => {
    const promotional = await sendMany('promotional', 10, { category: 'promotional' });
    const normal = await sendMany('normal', 10);
    const urgent = await sendMany('urgent', 40, { priority: 'urgent' });
    await world.steps.own();
    await world.steps.page();
    await letOut(30);
    const first = world.sentTexts.slice(0, 30).map((text) => String(text).split(' ')[0]);
    const share = (name: string): number => first.filter((one) => one === name).length;
    expect(first.slice(0, 9)).toEqual(Array.from({ length: 9 }, () => 'urgent'));
    expect(share('normal')).toBeGreaterThanOrEqual(2);
    expect(share('normal')).toBeLessThanOrEqual(3);
    expect(share('promotional')).toBeGreaterThanOrEqual(2);
    expect(share('promotional')).toBeLessThanOrEqual(3);
    for (const [name, all] of Object.entries({ promotional, normal, urgent })) {
      expect(sentOf(name)).toEqual(all.slice(0, sentOf(name).length));
    }
  });

  it('a class without urgent ones above it takes all that is left', async () => {
    await sendMany('promotional', 3, { category: 'promotional' });
    await world.steps.own();
    await world.steps.page();
    await letOut(3);
    expect(world.sentTexts).toEqual(['promotional 0', 'promotional 1', 'promotional 2']);
  });

  it('an urgent message goes before all that were accepted and read before it', async () => {
    await sendMany('normal', 5);
    await world.steps.own();
    await world.steps.page();
    await letOut(1);
    await world.send({ text: 'urgent', priority: 'urgent' });
    await world.steps.page();
    const before = world.sends.length;
    await letOut(before + 1);
    expect(world.sentTexts[before]).toBe('urgent');
  });
});

describe('DISPATCH 10: within a class', () => {
  it('a batch goes out in the order of its entries', async () => {
    const texts = await sendMany('entry', 12);
    await world.steps.own();
    await world.steps.page();
    await letOut(12);
    expect(world.sentTexts).toEqual(texts);
  });

  it('a batch that comes due at one moment goes out in the order of its entries', async () => {
    const due = { send_at: new Date(Date.now() + 60_000).toISOString() };
    await sendMany('first', 300, due);
    await sendMany('second', 300, due);
    await world.moveClock(61_000);
    // In several bites, as a large campaign comes due.
    while ((await world.steps.gateway.get(ScheduledPromoter).promote(70)) > 0);
    const rows = await world.database.query<{ text: string }>(
      'select m.text from outgoing q join messages m on m.id = q.message_id order by q.pos',
    );
    const expected = ['first', 'second'].flatMap((name) =>
      Array.from({ length: 300 }, (_, n) => `${name} ${n}`),
    );
    expect(rows.map(({ text }) => text)).toEqual(expected);
    const [pos] = await world.database.query<{ due: boolean }>(
      `select bool_and(pos::text ~ '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]' and uuid_v7_time(pos) = send_at) as due
       from outgoing q join messages m on m.id = q.message_id`,
    );
    expect(pos?.due).toBe(true);
  });

  it('one that was committed late goes to its own place, before those that were read already', async () => {
    await sendMany('read', 3);
    await world.steps.own();
    await world.steps.page();
    const late = await world.send({ text: 'late' });
    // Its id was given before all others, and its commit came after they were read.
    await world.database.query(
      `update outgoing set pos = overlay((select min(pos::text) from outgoing) placing '7000' from 15 for 4)::uuid
        where message_id = $1`,
      [readId('msg', late)],
    );
    skipTime(world.steps.gateway, 1_100);
    await world.steps.page();
    await letOut(4);
    expect(world.sentTexts).toEqual(['late', 'read 0', 'read 1', 'read 2']);
  });

  it('back-off moves no row: after a 429 it goes before all younger ones, at the place it had', async () => {
    const limited: ProviderRequest[] = [];
    world.onSend = (request) => {
      if (limited.length > 0) request.accept(world.nextId());
      else limited.push(request);
    };
    const first = await world.send({ text: 'first' });
    const place = await positionOf(first);
    await world.steps.own();
    await world.steps.page();
    skipTime(world.steps.gateway, 1_000 / perSecond);
    world.steps.gateway.get(Dispatcher).pumpAll();
    await world.sent(1);
    // Younger than the message, older than its 429.
    await world.send({ text: 'second' });
    await world.send({ text: 'urgent', priority: 'urgent' });
    limited[0]?.answer(429, rateLimited);
    await world.steps.settled();
    expect(await positionOf(first)).toBe(place);
    await world.steps.page();
    await letOut(4);
    expect(world.sentTexts).toEqual(['first', 'urgent', 'first', 'second']);
  });

  it('from a grace it comes back with its place: before all that were accepted meanwhile', async () => {
    let answers = 0;
    world.onSend = (request) => {
      answers += 1;
      if (answers === 1) request.reset();
      else request.accept(world.nextId());
    };
    const first = await world.send({ text: 'first', delivery_mode: 'at_least_once' });
    const place = await positionOf(first);
    await world.steps.own();
    await world.steps.page();
    await letOut(1);
    await sendMany('younger', 3);
    await world.steps.page();
    await world.database.query('update awaiting set retry_at = app_clock()');
    await world.steps.returnFromGrace();
    expect(await positionOf(first)).toBe(place);
    await letOut(5);
    expect(world.sentTexts).toEqual(['first', 'first', 'younger 0', 'younger 1', 'younger 2']);
  });
});

describe('DISPATCH 10: the accounts', () => {
  it('each has an order of its own: one that is held holds no other', async () => {
    const other = await createTenant(world.steps.gateway, {}, 'Other tenant');
    await world.setRate(perSecond);
    await sendMany('held', 3);
    await call(world.steps.gateway, 'POST', `/v1/accounts/${world.tenant.accountId}/pause`, {
      token: world.tenant.apiKey,
      body: {},
      expect: 200,
    });
    for (const text of ['other 0', 'other 1']) await send(world.steps.gateway, other, { text });
    await world.steps.own();
    await world.steps.page();
    await letOut(2);
    expect(world.sentTexts).toEqual(['other 0', 'other 1']);
  });
});
