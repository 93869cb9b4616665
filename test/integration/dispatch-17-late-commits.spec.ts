import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { randomInt } from 'node:crypto';
import pg from 'pg';
import { mostOfALine } from '../../apps/gateway/src/lanes/lane-buffer.js';
import { Pager } from '../../apps/gateway/src/lanes/pager.js';
import { Clock } from '../../apps/gateway/src/platform/clock/index.js';
import { LaneQueue } from '../../apps/gateway/src/queue/index.js';
import { OutboxRelay } from '../../apps/gateway/src/timeline/outbox-relay.js';
import { skipTime } from '../support/monotonic-time.js';
import { pause } from '../support/steps.js';
import { World } from '../support/world.js';

let world: World;
let clients: pg.Client[];

beforeEach(async () => {
  world = await World.start();
  clients = [];
});

afterEach(async () => {
  for (const client of clients) await client.end();
  await world.close();
});

async function connect(): Promise<pg.Client> {
  const url = Object.assign(new URL(process.env['TYRIAN_TEST_PG_URL'] as string), {
    pathname: world.database.name,
  });
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  clients.push(client);
  return client;
}

/** A queued message in the caller's open transaction: a copy of one that is there, under an id of an earlier time. */
async function insertUnder(client: pg.Client, secondsAgo: number, text: string): Promise<void> {
  await client.query(
    `with m as (insert into messages (tenant_id, id, account_id, accepted_at, sender, recipient, category, class, two_way,
         provider_message_type, delivery_mode, text, validity_seconds, expires_at)
       select tenant_id, uuid_v7_floor(app_clock() - make_interval(secs => $1)), account_id, accepted_at, sender, recipient,
         category, class, two_way, provider_message_type, delivery_mode, $2, validity_seconds, expires_at
       from messages limit 1
       returning tenant_id, id, account_id, class, expires_at)
     insert into outgoing (tenant_id, message_id, account_id, class, pos, expires_at)
     select tenant_id, id, account_id, class, id, expires_at from m`,
    [secondsAgo, text],
  );
}

/** One reading of the queue as it is made so many milliseconds from now. */
async function pageLater(byMs: number): Promise<void> {
  const clock = world.steps.gateway.get(Clock);
  const monotonicMs = clock.monotonicMs.bind(clock);
  clock.monotonicMs = () => monotonicMs() + byMs;
  try {
    await world.steps.gateway.get(Pager).runOnce();
  } finally {
    clock.monotonicMs = monotonicMs;
  }
}

describe('DISPATCH 17: late commits behind the position of the pager', () => {
  it('of less than half a minute are found within a second, in the order of their places', async () => {
    await world.send({ text: 'early' });
    await world.steps.own();
    const late = await connect();
    await late.query('begin');
    await insertUnder(late, 20, 'twenty');
    await insertUnder(late, 25, 'twenty-five');
    await world.steps.pump();
    await world.steps.settled();
    expect(world.sentTexts).toEqual(['early']);
    await late.query('commit');
    await pause(1_050);
    await world.steps.pump();
    await world.sent(3);
    expect(world.sentTexts).toEqual(['early', 'twenty-five', 'twenty']);
  });

  it('of any age are found when the queue is read from its head, once a minute', async () => {
    await world.send({ text: 'now' });
    await world.steps.own();
    await pageLater(61_000);
    await world.steps.pump();
    await world.steps.settled();
    const late = await connect();
    await insertUnder(late, 3_600, 'an hour old');
    await pageLater(100_000);
    await world.steps.pump();
    expect(world.sentTexts).toEqual(['now']);
    await pageLater(122_000);
    await world.steps.pump();
    await world.sent(2);
    expect(world.sentTexts).toEqual(['now', 'an hour old']);
  });
});

describe('DISPATCH 17: a queue longer than what is read ahead', () => {
  const backlog = 1_300;

  /** So many messages in the queue, a millisecond apart, the first one so many seconds ago. */
  async function queueUp(secondsAgo: number): Promise<void> {
    const client = await connect();
    await client.query(
      `with m as (insert into messages (tenant_id, id, account_id, accepted_at, sender, recipient, category, class, two_way,
           provider_message_type, delivery_mode, text, validity_seconds, expires_at)
         select tenant_id, uuid_v7_floor(app_clock() - make_interval(secs => $1) + n * interval '1 ms'), account_id, accepted_at,
           sender, recipient, category, class, two_way, provider_message_type, delivery_mode, 'backlog ' || n, validity_seconds, expires_at
         from messages, generate_series(1, $2) as n
         returning tenant_id, id, account_id, class, expires_at)
       insert into outgoing (tenant_id, message_id, account_id, class, pos, expires_at)
       select tenant_id, id, account_id, class, id, expires_at from m`,
      [secondsAgo, backlog],
    );
  }

  /** One reading a second for a while; gives how many rows were held after each. */
  async function readFor(seconds: number): Promise<number[]> {
    const held: number[] = [];
    for (let second = 0; second < seconds; second += 1) {
      skipTime(world.steps.gateway, 1_001);
      await world.steps.page();
      held.push(world.steps.lanes.all()[0]?.buffer.size ?? 0);
    }
    return held;
  }

  it.each([
    ['younger than half a minute', 20],
    ['older than half a minute', 600],
  ])('is never held whole, however long its lane is paused: %s', async (_, secondsAgo) => {
    await world.send();
    await world.steps.own();
    await world.database.query(`update lanes set paused_at = app_clock(), paused_by = 'tenant'`);
    await queueUp(secondsAgo);
    expect(Math.max(...(await readFor(65)))).toBeLessThanOrEqual(mostOfALine);
    const pages = jest.spyOn(world.steps.gateway.get(LaneQueue), 'page');
    await readFor(2);
    const limits = pages.mock.calls.flatMap(([, requests]) => requests.map(({ limit }) => limit));
    expect(Math.max(...limits)).toBeLessThanOrEqual(2 * mostOfALine);
  });

  it('is handed out whole and in its order, a late commit before all the rest', async () => {
    await world.send();
    await world.steps.own();
    await queueUp(600);
    await readFor(2);
    await insertUnder(await connect(), 700, 'late');
    // Found from the head; what it displaced lies so far back that only the position leads to it again.
    await readFor(61);
    const buffer = world.steps.lanes.all()[0]?.buffer;
    const handedOut: string[] = [];
    // As a dispatcher takes them, and a settle ends them.
    for (let round = 0; round < 30 && (await world.count('outgoing')) > 0; round += 1) {
      const ids = buffer?.take([0, 100, 0]).map(({ messageId }) => messageId) ?? [];
      handedOut.push(...ids);
      await world.database.query('delete from outgoing where message_id = any($1)', [ids]);
      for (const id of ids) buffer?.forget(id);
      await readFor(1);
    }
    const inOrder = await world.database.query<{ id: string; text: string }>(
      'select id, text from messages order by id',
    );
    expect(inOrder).toHaveLength(backlog + 2);
    expect(inOrder[0]?.text).toBe('late');
    expect(handedOut).toEqual(inOrder.map(({ id }) => id));
  });
});

describe('DISPATCH 17: the feed', () => {
  /** Events of messages, each message's in turn, committed after a delay of its own. */
  async function write(messages: number): Promise<void> {
    const client = await connect();
    const pauses = () => pause(randomInt(0, 12));
    for (let count = 0; count < messages; count += 1) {
      for (const type of ['message.queued', 'message.sent', 'message.delivered']) {
        await client.query('begin');
        await client.query(
          `insert into outbox (tenant_id, id, at, type, message_id) select $1::uuid, $2, app_clock(), $3, $4`,
          [tenantId, nextId(), type, messageIds[count]],
        );
        await pauses();
        await client.query(count % 7 === 3 && type === 'message.sent' ? 'rollback' : 'commit');
      }
    }
  }
  let tenantId = '';
  let lastId = 0;
  const messageIds = Array.from(
    { length: 40 },
    (_, index) => `0190aaaa-0000-7000-8000-${String(index).padStart(12, '0')}`,
  );
  /** Ids grow in the order in which they are given, not in that of the commits. */
  const nextId = (): string => {
    lastId += 1;
    return `0190bbbb-${String(lastId % 10_000).padStart(4, '0')}-7000-8000-000000000000`;
  };

  it('with relays side by side and commits in any order, who reads on from the last position misses nothing', async () => {
    const other = await world.worker();
    const relays = [world.steps.gateway.get(OutboxRelay), other.gateway.get(OutboxRelay)];
    const [row] = await world.database.query<{ id: string }>('select id from tenants');
    tenantId = row?.id ?? '';
    const writing = new AbortController();
    const reader = await connect();
    const seen: { position: number; message: string; type: string }[] = [];
    const readOn = async (): Promise<void> => {
      const { rows } = await reader.query<{ position: string; message: string; type: string }>(
        `select position, message_id as message, type from feed where tenant_id = $1 and position > $2 order by position`,
        [tenantId, seen.at(-1)?.position ?? 0],
      );
      seen.push(...rows.map((event) => ({ ...event, position: Number(event.position) })));
    };
    const reading = (async () => {
      while (!writing.signal.aborted) await readOn();
    })();
    const relaying = relays.map(async (relay) => {
      while (!writing.signal.aborted) await relay.runOnce();
    });
    await Promise.all(Array.from({ length: 5 }, () => write(20)));
    writing.abort();
    await Promise.all([reading, ...relaying]);
    while ((await world.count('outbox')) > 0) await relays[0]?.runOnce();
    await readOn();
    const committed = 5 * (20 * 3 - 3);
    expect(seen.map((event) => event.position)).toEqual(
      Array.from({ length: committed }, (_, index) => index + 1),
    );
    expect(await world.count('feed')).toBe(committed);
  });

  it('keeps the events of a message in their order, whichever commits of others are late', async () => {
    const relay = world.steps.gateway.get(OutboxRelay);
    const [row] = await world.database.query<{ id: string }>('select id from tenants');
    tenantId = row?.id ?? '';
    const [first, second] = [await connect(), await connect()];
    const insert = (client: pg.Client, id: string, type: string, message: string | undefined) =>
      client.query(
        `insert into outbox (tenant_id, id, at, type, message_id) values ($1, $2, app_clock(), $3, $4)`,
        [tenantId, id, type, message],
      );
    const [early, late] = [nextId(), nextId()];
    // Another message's event has the smaller id and commits last.
    await first.query('begin');
    await insert(first, early, 'message.sent', messageIds[1]);
    await insert(second, late, 'message.queued', messageIds[0]);
    await relay.runOnce();
    await insert(second, nextId(), 'message.sent', messageIds[0]);
    await first.query('commit');
    await insert(second, nextId(), 'message.delivered', messageIds[0]);
    await relay.runOnce();
    const feed = await world.database.query<{ type: string; message_id: string; position: string }>(
      'select position, type, message_id from feed order by position',
    );
    expect(feed.map((event) => Number(event.position))).toEqual([1, 2, 3, 4]);
    expect(
      feed.filter((event) => event.message_id === messageIds[0]).map((event) => event.type),
    ).toEqual(['message.queued', 'message.sent', 'message.delivered']);
  });
});
