import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Poller } from '../../apps/gateway/src/lanes/poller.js';
import { MessageEnder } from '../../apps/gateway/src/messages/message-ender.js';
import { messageStatuses, ranks } from '../../apps/gateway/src/messages/transitions.js';
import { QueueRows } from '../../apps/gateway/src/queue/index.js';
import { eventually } from '../support/gateway.js';
import { holdTransaction } from '../support/held-transaction.js';
import type { ProviderRequest } from '../support/provider.js';
import { root } from '../support/root.js';
import { pause } from '../support/steps.js';
import { callbackUrl, tell, unknownMessage, World } from '../support/world.js';

const delivered = 1;
const rejected = 3;
const undelivered = 4;
const pending = 5;

const returnFromGrace = 'apps/gateway/src/queue/sql/return-from-grace.sql';

let world: World;

beforeEach(async () => {
  world = await World.start();
});

afterEach(() => world.close());

/** Holds the answers of all sends from now on, until the test gives them. */
function hold(): ProviderRequest[] {
  const held: ProviderRequest[] = [];
  world.onSend = (request) => void held.push(request);
  return held;
}

/** A message whose first attempt nobody knows anything of; its callback URL. */
async function unknownOnce(
  mode: 'at_most_once' | 'at_least_once',
): Promise<{ id: string; url: string }> {
  world.onSend = (request) => request.reset();
  const id = await world.send({ delivery_mode: mode });
  await world.steps.own();
  await world.steps.pump();
  await world.steps.settled();
  return { id, url: callbackUrl(world.sends[0]) };
}

/** The grace is over, and the message stands in the queue again. */
async function queueAgain(): Promise<void> {
  await world.moveClock(60_000);
  await world.steps.returnFromGrace();
  expect(await world.count('outgoing where attempt = 2')).toBe(1);
}

/** A fold that waits for a lock longer than anybody may is undone, and comes again. */
async function foldBehindLock(): Promise<void> {
  await world.fold().catch((error: unknown) => {
    if (!String(error).includes('lock timeout')) throw error;
  });
}

/** Until a statement with these words waits for a lock that somebody else holds. */
async function waitsInItsLock(words: string): Promise<void> {
  await eventually(
    async () =>
      (await world.count(`pg_stat_activity where datname = current_database()
         and wait_event_type = 'Lock' and query like '%-- ${words}%'`)) === 1,
  );
}

describe('DISPATCH 13: evidence and its ranks', () => {
  it('ranks every status in SQL as in the table of transitions', async () => {
    const rows = await world.database.query<{ status: string; rank: number }>(
      'select status, status_rank(status)::int as rank from unnest($1::text[]) as status',
      [messageStatuses],
    );
    expect(Object.fromEntries(rows.map(({ status, rank }) => [status, rank]))).toEqual(ranks);
  });

  it.each([
    ['rejected', [rejected, undelivered], 'rejected'],
    ['undelivered', [undelivered, pending], 'undelivered'],
    ['delivered', [delivered, undelivered], 'delivered'],
  ])('a final stays, whatever comes later: %s', async (_, statuses, final) => {
    const id = await world.send();
    await world.steps.own();
    await world.steps.pump();
    await world.steps.settled();
    for (const status of statuses) {
      expect(await tell(callbackUrl(world.sends[0]), status)).toBe(200);
      await world.fold();
    }
    expect(await world.read(id)).toMatchObject({ status: final, is_final: true });
  });

  it('nothing goes backwards: pending stays, whatever lower status comes later', async () => {
    const id = await world.send();
    await world.steps.own();
    await world.steps.pump();
    await world.steps.settled();
    // 20 and what nobody has documented say no more than that the provider has it.
    for (const status of [pending, 20, 77]) {
      expect(await tell(callbackUrl(world.sends[0]), status)).toBe(200);
      await world.fold();
      expect((await world.read(id)).status).toBe('pending');
    }
    const told = await world.database.query<{ type: string }>(
      'select type from outbox order by id',
    );
    expect(told.map(({ type }) => type)).toEqual([
      'message.queued',
      'message.sent',
      'message.pending',
    ]);
  });

  it('delivered wins over another final, and the correction is told', async () => {
    const id = await world.send();
    await world.steps.own();
    await world.steps.pump();
    await world.steps.settled();
    for (const status of [undelivered, delivered]) {
      await tell(callbackUrl(world.sends[0]), status);
      await world.fold();
    }
    expect((await world.read(id)).status).toBe('delivered');
    const told = await world.database.query<{ type: string }>(
      'select type from outbox order by id',
    );
    expect(told.map(({ type }) => type)).toEqual([
      'message.queued',
      'message.sent',
      'message.undelivered',
      'message.corrected',
    ]);
    const [counted] = await world.database.query(
      'select sum(delivered)::int as delivered, sum(undelivered)::int as undelivered from daily_counts',
    );
    expect(counted).toEqual({ delivered: 1, undelivered: 0 });
  });

  it('several callbacks of one batch are reduced to the highest before they are applied', async () => {
    const id = await world.send();
    await world.steps.own();
    await world.steps.pump();
    await world.steps.settled();
    for (const status of [pending, delivered, pending, 0])
      await tell(callbackUrl(world.sends[0]), status);
    await world.fold();
    expect((await world.read(id)).status).toBe('delivered');
    expect(await world.count(`outbox where type = 'message.pending'`)).toBe(0);
    expect(await world.count(`events where type = 'receipt' and applied`)).toBe(1);
    expect(await world.count(`events where type = 'receipt'`)).toBe(3);
    expect(await world.count('receipts where not folded')).toBe(0);
  });

  it('uncertain yields to a callback that names no id, and then only callbacks are waited for', async () => {
    const { id, url } = await unknownOnce('at_most_once');
    expect((await world.read(id)).status).toBe('uncertain');
    await tell(url, pending);
    await world.fold();
    expect((await world.read(id)).status).toBe('pending');
    expect(await world.count('awaiting where poll_line is null')).toBe(1);
  });

  it('uncertain yields to a callback, whose message_id makes the message one that can be asked for', async () => {
    const { id, url } = await unknownOnce('at_most_once');
    await tell(url, pending, 4711);
    await world.fold();
    expect(await world.read(id)).toMatchObject({ status: 'pending', provider_message_id: '4711' });
    expect(
      await world.count('awaiting where poll_line is not null and next_poll_at is not null'),
    ).toBe(1);
    expect(await world.count(`provider_ids where provider_message_id = '4711'`)).toBe(1);
  });
});

describe('DISPATCH 13: what is applied later', () => {
  it('stands later in the timeline and in the feed, whatever the clock of the process before says', async () => {
    const id = await world.send();
    await world.steps.own();
    await world.steps.pump();
    await world.steps.settled();
    const holder = await holdTransaction(
      world.database,
      'select id from messages for update',
      `insert into events (tenant_id, message_id, id, at, type, status, attempt, applied)
        select tenant_id, id, uuid_v7_floor(app_clock() + interval '1 minute'), app_clock(), 'receipt', 'pending', 1, true
        from messages`,
    );
    for (const status of [20, delivered]) await tell(callbackUrl(world.sends[0]), status);
    const folded = world.fold();
    await waitsInItsLock('Merges into one message');
    await holder.commit();
    await folded;
    const events = await world.database.query<{ id: string; status: string }>(
      `select id, status from events where type in ('attempt', 'receipt') order by id`,
    );
    expect(events.map(({ status }) => status)).toEqual(['sent', 'pending', 'sent', 'delivered']);
    expect(await world.count(`outbox where id = '${events.at(-1)?.id}'`)).toBe(1);
    expect((await world.read(id)).status).toBe('delivered');
  });
});

describe('DISPATCH 13: a final for a message that may be sent again', () => {
  it.each([
    ['delivered', delivered],
    ['undelivered', undelivered],
  ])('in its grace: %s, and no further attempt', async (status, code) => {
    const { id, url } = await unknownOnce('at_least_once');
    await tell(url, code);
    await world.fold();
    expect(await world.read(id)).toMatchObject({
      status,
      is_final: true,
      possible_duplicate: false,
    });
    await world.moveClock(60_000);
    await world.steps.returnFromGrace();
    await world.steps.pump();
    expect(world.sends).toHaveLength(1);
    expect(await world.count('outgoing')).toBe(0);
    expect(await world.count('awaiting')).toBe(0);
  });

  it('in its grace: that the provider has it is enough, and no further attempt is made', async () => {
    const { id, url } = await unknownOnce('at_least_once');
    await tell(url, pending, 4711);
    await world.fold();
    await world.moveClock(60_000);
    await world.steps.returnFromGrace();
    await world.steps.pump();
    expect(world.sends).toHaveLength(1);
    expect((await world.read(id)).status).toBe('pending');
  });

  it.each([
    ['delivered', delivered],
    ['undelivered', undelivered],
  ])(
    'queued again, but not on the wire: %s, its queue row goes, and nothing is sent',
    async (status, code) => {
      const { id, url } = await unknownOnce('at_least_once');
      await queueAgain();
      await tell(url, code);
      await world.fold();
      expect(await world.read(id)).toMatchObject({ status, is_final: true, attempts: 1 });
      expect(await world.count('outgoing')).toBe(0);
      await world.steps.pump();
      await world.steps.settled();
      expect(world.sends).toHaveLength(1);
    },
  );

  it('queued again: a pending one leaves the queue and is followed', async () => {
    const { id, url } = await unknownOnce('at_least_once');
    await queueAgain();
    await tell(url, pending, 4711);
    await world.fold();
    expect(await world.count('outgoing')).toBe(0);
    await world.steps.pump();
    expect(world.sends).toHaveLength(1);
    expect(await world.read(id)).toMatchObject({ status: 'pending', provider_message_id: '4711' });
  });

  it('on the wire: a final of the earlier attempt waits for the settle, and does not end the message', async () => {
    const { id, url } = await unknownOnce('at_least_once');
    await queueAgain();
    const held = hold();
    await world.steps.pump();
    await tell(url, undelivered);
    await world.fold();
    expect((await world.read(id)).status).toBe('sending');
    expect(await world.count('receipts where not folded')).toBe(1);
    held[0]?.accept(4712);
    await world.steps.settled();
    await world.fold();
    expect(await world.read(id)).toMatchObject({ status: 'sent', is_final: false, attempts: 2 });
    expect(await world.count('receipts where not folded')).toBe(0);
    await tell(callbackUrl(world.sends[1]), rejected);
    await world.fold();
    expect(await world.read(id)).toMatchObject({ status: 'rejected', possible_duplicate: true });
  });

  it('on the wire: delivered by the earlier attempt is final at once, and the later settle merges', async () => {
    const { id, url } = await unknownOnce('at_least_once');
    await queueAgain();
    const held = hold();
    await world.steps.pump();
    await tell(url, delivered);
    await world.fold();
    expect(await world.read(id)).toMatchObject({ status: 'delivered', is_final: true });
    held[0]?.accept(4712);
    await world.steps.settled();
    expect(await world.read(id)).toMatchObject({ status: 'delivered', attempts: 2 });
    for (const table of ['outgoing', 'awaiting', 'intents'])
      expect(await world.count(table)).toBe(0);
  });

  it('a final other than delivered of the earlier attempt is no final beside a later one', async () => {
    const { id, url } = await unknownOnce('at_least_once');
    await queueAgain();
    world.onSend = (request) => request.accept(4712);
    await world.steps.pump();
    await world.steps.settled();
    await tell(url, undelivered);
    await world.fold();
    expect(await world.read(id)).toMatchObject({ status: 'sent', is_final: false });
    await tell(url, delivered);
    await world.fold();
    expect(await world.read(id)).toMatchObject({ status: 'delivered', is_final: true });
  });

  it('a final of the earlier attempt does not hide what the same batch tells of the later one', async () => {
    const { id, url } = await unknownOnce('at_least_once');
    await queueAgain();
    world.onSend = (request) => request.accept(4712);
    await world.steps.pump();
    await world.steps.settled();
    await tell(url, undelivered);
    await tell(callbackUrl(world.sends[1]), pending);
    await world.fold();
    expect(await world.read(id)).toMatchObject({ status: 'pending', is_final: false });
  });
});

describe('DISPATCH 13: evidence for a message that moves between two tables', () => {
  it.each([
    ['undelivered', undelivered],
    ['pending', pending],
  ])(
    '%s of the first attempt is looked at again where the second one goes out after the look for its queue row',
    async (_, code) => {
      const { id, url } = await unknownOnce('at_least_once');
      await world.moveClock(60_000);
      await tell(url, code);
      const held = hold();
      const rows = world.steps.gateway.get(QueueRows);
      const lock = rows.lock.bind(rows);
      const locking = jest.spyOn(rows, 'lock').mockImplementationOnce(async (tx, keys) => {
        const locked = await lock(tx, keys);
        await world.steps.returnFromGrace();
        await world.steps.pump();
        await eventually(async () => held.length === 1);
        return locked;
      });
      await world.fold();
      locking.mockRestore();
      expect(await world.read(id)).toMatchObject({ status: 'sending', is_final: false });
      expect(await world.count('receipts where not folded')).toBe(1);
      held[0]?.accept(4712);
      await world.steps.settled();
      await world.fold();
      expect(await world.read(id)).toMatchObject({ is_final: false, attempts: 2 });
      expect(await world.count('receipts where not folded')).toBe(0);
    },
  );

  it.each([
    ['undelivered', undelivered],
    ['pending', pending],
  ])(
    '%s of the first attempt is looked at again where its grace ends while the merge waits for a lock',
    async (status, code) => {
      const { id, url } = await unknownOnce('at_least_once');
      await world.moveClock(60_000);
      await tell(url, code, 4711);
      const holder = await holdTransaction(world.database, 'select id from messages for update');
      const folded = foldBehindLock();
      await waitsInItsLock('Merges into one message');
      await world.steps.returnFromGrace();
      expect(await world.count('outgoing where attempt = 2')).toBe(1);
      await holder.release();
      await folded;
      // Folded anew at once: its queue row goes, and nothing is sent needlessly.
      await world.fold();
      expect((await world.read(id)).status).toBe(status);
      expect(await world.count('outgoing')).toBe(0);
      expect(await world.count(`outbox where type = 'message.${status}'`)).toBe(1);
    },
  );

  it.each([
    ['undelivered', undelivered],
    ['pending', pending],
  ])(
    '%s of the first attempt is looked at again where its grace ends while the merge is under way',
    async (status, code) => {
      const { id, url } = await unknownOnce('at_least_once');
      await world.moveClock(60_000);
      await tell(url, code, 4711);
      const [row] = await world.database.query<{ account_id: string }>(
        'select account_id from awaiting',
      );
      const holder = await holdTransaction(
        world.database,
        `prepare back as ${readFileSync(join(root, returnFromGrace), 'utf8')}`,
        `execute back ('${row?.account_id}', 1, 0)`,
      );
      const folded = foldBehindLock();
      await waitsInItsLock('Merges evidence');
      await holder.commit();
      await folded;
      expect(await world.count('outgoing where attempt = 2')).toBe(1);
      await world.fold();
      expect((await world.read(id)).status).toBe(status);
      expect(await world.count('outgoing')).toBe(0);
      expect(await world.count(`outbox where type = 'message.${status}'`)).toBe(1);
    },
  );

  it('what a settle still followed of a message that had ended goes with whatever comes next', async () => {
    const id = await world.send();
    await world.steps.own();
    await world.steps.pump();
    await world.steps.settled();
    const [row] = await world.database.query<{ copy: object }>(
      'select to_jsonb(a) as copy from awaiting a',
    );
    await tell(callbackUrl(world.sends[0]), delivered);
    await world.fold();
    await world.database.query(
      `insert into awaiting select (jsonb_populate_record(null::awaiting, $1)).*`,
      [row?.copy],
    );
    await world.moveClock(6 * 86_400_000);
    await world.steps.gateway.get(MessageEnder).closeWindows(1_000);
    expect(await world.count('awaiting')).toBe(0);
    expect((await world.read(id)).status).toBe('delivered');
  });
});

describe('DISPATCH 13: polls are evidence of the attempt whose id they ask with', () => {
  let statuses: Record<number, number>;

  beforeEach(() => {
    statuses = {};
    world.onStatus = (request) => {
      const id = request.body['message_id'] as number;
      const status = statuses[id];
      request.answer(
        200,
        status === undefined ? unknownMessage : JSON.stringify({ message_id: id, status }),
      );
    };
  });

  /** Asks for whatever has an id; gives the ids that were asked for. */
  async function poll(): Promise<unknown[]> {
    const before = world.polls.length;
    await world.database.query('update awaiting set next_poll_at = app_clock()');
    await world.steps.beat();
    await world.steps.refresh();
    await pause(20);
    await world.steps.gateway.get(Poller).runOnce();
    await eventually(async () =>
      world.steps.lanes.all().every((lane) => lane.pollsUnderWay.size === 0),
    );
    return world.polls.slice(before).map((request) => request.body['message_id']);
  }

  /** Two attempts of which nobody knows anything; their callback URLs. */
  async function unknownTwice(): Promise<{ id: string; first: string; second: string }> {
    const { id, url } = await unknownOnce('at_least_once');
    await queueAgain();
    await world.database.query(
      `update outgoing set expires_at = app_clock() + interval '32 seconds'`,
    );
    await world.steps.pump();
    await world.steps.settled();
    expect(await world.count(`awaiting where status = 'uncertain' and retry_at is null`)).toBe(1);
    return { id, first: url, second: callbackUrl(world.sends[1]) };
  }

  it('undelivered by the first attempt ends nothing while the second one is open, and is not asked for again', async () => {
    const { id, first, second } = await unknownTwice();
    await tell(first, pending, 77);
    await world.fold();
    statuses[77] = undelivered;
    expect(await poll()).toEqual([77]);
    expect(await world.read(id)).toMatchObject({ status: 'pending', is_final: false });
    expect(await poll()).toEqual([]);
    await tell(second, delivered, 78);
    await world.fold();
    expect(await world.read(id)).toMatchObject({ status: 'delivered', provider_message_id: '78' });
  });

  it('delivered by the first attempt ends the message', async () => {
    const { id, first } = await unknownTwice();
    await tell(first, pending, 77);
    await world.fold();
    statuses[77] = delivered;
    expect(await poll()).toEqual([77]);
    expect(await world.read(id)).toMatchObject({ status: 'delivered', is_final: true });
  });

  it('with an id of each attempt that of the second is asked for, whatever the order in which they came', async () => {
    const { id, first, second } = await unknownTwice();
    await tell(first, pending, 77);
    await world.fold();
    // Tells no more than is known already, but for the id.
    await tell(second, 0, 78);
    await world.fold();
    await tell(first, 0, 77);
    await world.fold();
    statuses = { 77: undelivered, 78: undelivered };
    expect(await poll()).toEqual([78]);
    expect(await world.read(id)).toMatchObject({ status: 'undelivered', is_final: true });
    expect(
      await world.database.query('select provider_message_id from provider_ids order by 1'),
    ).toEqual([{ provider_message_id: '77' }, { provider_message_id: '78' }]);
  });
});
