import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { DatabaseHealth, PartitionKeeper } from '../../apps/gateway/src/platform/database/index.js';
import { Ids, readId } from '../../apps/gateway/src/platform/ids/index.js';
import type { Log } from '../../apps/gateway/src/platform/logging/index.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import {
  call,
  createTenant,
  startGateway,
  type TestGateway,
  type TestTenant,
} from '../support/gateway.js';
import { quietLog, reconcilerOf } from '../support/reconciler.js';
import { send } from '../support/steps.js';

let database: TestDatabase;
let gateway: TestGateway;
let tenant: TestTenant;
let reader: pg.Client;

const dayMs = 86_400_000;

beforeEach(async () => {
  database = await createTestDatabase();
  gateway = await startGateway({ database, providerUrl: 'http://127.0.0.1:9', loops: false });
  tenant = await createTenant(gateway);
  const url = Object.assign(new URL(process.env['TYRIAN_TEST_PG_URL'] as string), {
    pathname: database.name,
  });
  reader = new pg.Client({ connectionString: url.href });
  await reader.connect();
});

afterEach(async () => {
  await reader.end();
  await gateway.close();
  await database.drop();
});

/** The gateway's clock and the database's; a surprising step is believed when it was measured again. */
async function moveClock(byMs: number): Promise<void> {
  await database.moveClock(byMs);
  for (let times = 0; times < 3; times += 1) await gateway.get(DatabaseHealth).check();
}

async function partitionsOf(parent: string): Promise<string[]> {
  const rows = await database.query<{ name: string }>(
    `select inhrelid::regclass::text as name from pg_inherits where inhparent = $1::regclass order by 1`,
    [parent],
  );
  return rows.map((row) => row.name);
}

/** The name of the weekly partition that holds an instant. */
function weekOf(parent: string, atMs: number): string {
  const at = new Date(atMs);
  const monday =
    Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()) -
    ((at.getUTCDay() + 6) % 7) * dayMs;
  return `${parent}_${new Date(monday).toISOString().slice(0, 10).replaceAll('-', '')}`;
}

/** Accepts one message after another while the work is under way; gives how long the slowest took, in milliseconds. */
async function slowestAcceptDuring(work: Promise<unknown>): Promise<number> {
  const over = new AbortController();
  let slowestMs = 0;
  const ended = work.finally(() => over.abort());
  ended.catch(() => undefined);
  do {
    const startedMs = performance.now();
    await send(gateway, tenant);
    slowestMs = Math.max(slowestMs, performance.now() - startedMs);
  } while (!over.signal.aborted);
  return slowestMs;
}

/** How long this function waits for a lock at most, and accepts behind it. */
async function lockTimeoutOf(work: string): Promise<string | undefined> {
  await reader.query('begin');
  await reader.query(`select ${work}`);
  const { rows } = await reader.query<{ lock_timeout: string }>('show lock_timeout');
  await reader.query('rollback');
  return rows[0]?.lock_timeout;
}

describe('DISPATCH 19: ids', () => {
  it.each([600_000, -600_000])(
    'are of the database clock, also where it is %i ms off this machine’s',
    async (byMs) => {
      await moveClock(byMs);
      const before = gateway.get(Ids).next();
      await send(gateway, tenant);
      const [row] = await database.query<{ off_ms: number; pos_is_id: boolean; grows: boolean }>(
        `select abs(extract(epoch from uuid_v7_time(m.id) - app_clock()))::float * 1000 as off_ms, q.pos = m.id as pos_is_id,
           m.id > $1::uuid as grows
         from messages m join outgoing q on q.message_id = m.id`,
        [before],
      );
      expect(row).toMatchObject({ pos_is_id: true, grows: true });
      expect(row?.off_ms).toBeLessThan(2_000);
    },
  );

  it('lie in the partition of their week, so that an accept needs no other', async () => {
    await moveClock(3 * 7 * dayMs);
    await send(gateway, tenant);
    const [row] = await database.query<{ name: string }>(
      'select tableoid::regclass::text as name from messages',
    );
    expect(row?.name).toBe(weekOf('messages', Date.now() + 3 * 7 * dayMs));
  });

  it('reach 30 days ahead and no further: send_at has a cap', async () => {
    const at = (ms: number) => ({
      token: tenant.apiKey,
      body: {
        recipient: '+380671234567',
        text: 'Hello',
        send_at: new Date(Date.now() + ms).toISOString(),
      },
    });
    const refused = await call(gateway, 'POST', '/v1/messages', {
      ...at(30 * dayMs + 60_000),
      expect: 422,
    });
    expect(refused).toMatchObject({ code: 'send_at_too_far' });
    await call(gateway, 'POST', '/v1/messages', { ...at(30 * dayMs - 60_000), expect: 202 });
    const { horizon } = await gateway.get(PartitionKeeper).horizon();
    expect(horizon.getTime()).toBeGreaterThan(Date.now() + 30 * dayMs);
  });
});

describe('DISPATCH 19: partitions made ahead', () => {
  it('are searched by the key also where they were empty when the search was planned', async () => {
    await moveClock(2 * 7 * dayMs);
    await gateway.get(PartitionKeeper).runOnce();
    // The look-ups of intents, settles and merges: one after another, by the keys of a list.
    const settings = ['hashjoin', 'mergejoin', 'seqscan', 'bitmapscan'];
    await reader.query(settings.map((name) => `set enable_${name} = off`).join('; '));
    const { rows } = await reader.query<{ 'QUERY PLAN': string }>(
      `explain with r as materialized (select * from json_to_recordset('[]') as r (tenant_id uuid, id uuid))
       select m.status from r join messages m on m.tenant_id = r.tenant_id and m.id = r.id`,
    );
    const searched = rows.flatMap((row) => /using (\S+) on/.exec(row['QUERY PLAN'])?.[1] ?? []);
    expect(searched).toHaveLength((await partitionsOf('messages')).length);
    expect(searched.filter((index) => !index.endsWith('_pkey'))).toEqual([]);
  });

  it('are there for the weeks to come, of each of the three tables, and making them again does nothing', async () => {
    const keeper = gateway.get(PartitionKeeper);
    await moveClock(4 * 7 * dayMs);
    await keeper.runOnce();
    for (const parent of ['messages', 'events', 'feed']) {
      const names = await partitionsOf(parent);
      for (let week = -1; week <= 5; week += 1) {
        expect(names).toContain(weekOf(parent, Date.now() + (4 + week) * 7 * dayMs));
      }
    }
    const names = await partitionsOf('messages');
    await keeper.runOnce();
    expect(await partitionsOf('messages')).toEqual(names);
    const open = await database.query(
      `select relname from pg_class c join pg_inherits i on i.inhrelid = c.oid
       where i.inhparent in ('messages'::regclass, 'events'::regclass, 'feed'::regclass) and not relrowsecurity`,
    );
    expect(open).toEqual([]);
  });

  it.each([
    ['writes', 'update messages set attempts = 1'],
    ['reads', 'select count(*) from messages'],
  ])(
    'are tried again rather than stall accepts behind a long transaction that %s',
    async (_, text) => {
      const keeper = gateway.get(PartitionKeeper);
      await send(gateway, tenant);
      await reader.query('begin');
      await reader.query(text);
      await moveClock(14 * dayMs);
      const names = await partitionsOf('messages');
      const making = keeper.runOnce();
      const slowestMs = await slowestAcceptDuring(making);
      await expect(making).rejects.toThrow(/lock timeout/);
      expect(slowestMs).toBeLessThan(5_000);
      expect(await partitionsOf('messages')).toEqual(names);
      await reader.query('rollback');
      expect(await lockTimeoutOf('make_partitions(5)')).toBe('200ms');
      await keeper.runOnce();
      expect((await partitionsOf('messages')).length).toBeGreaterThan(names.length);
    },
  );
});

describe('DISPATCH 19: partitions past retention', () => {
  const retentionMs = 90 * dayMs;
  const later = retentionMs + 15 * dayMs;

  it.each([
    [
      'outgoing',
      `insert into outgoing (tenant_id, message_id, account_id, class, pos, expires_at) select tenant_id, id, account_id, class, id, expires_at from messages`,
    ],
    [
      'scheduled',
      `insert into scheduled (tenant_id, message_id, account_id, class, due_at, expires_at) select tenant_id, id, account_id, class, expires_at, expires_at from messages`,
    ],
    [
      'awaiting',
      `insert into awaiting (tenant_id, message_id, account_id, class, pos, status, attempt, sent_at, expires_at, window_ends_at)
         select tenant_id, id, account_id, class, id, 'sent', 1, accepted_at, expires_at, expires_at from messages`,
    ],
    [
      'outbox',
      `insert into outbox (tenant_id, id, at, type, message_id) select tenant_id, id, accepted_at, 'message.sent', id from messages`,
    ],
  ])(
    'stay while a row of %s falls into their range, and go when it is gone',
    async (table, insert) => {
      await send(gateway, tenant);
      await database.query('truncate outgoing, outbox');
      await database.query(insert);
      const week = weekOf('messages', Date.now());
      await moveClock(later);
      await gateway.get(PartitionKeeper).runOnce();
      expect(await partitionsOf('messages')).toContain(week);
      await database.query(`truncate ${table}`);
      await gateway.get(PartitionKeeper).runOnce();
      expect(await partitionsOf('messages')).not.toContain(week);
      expect(await partitionsOf('events')).not.toContain(weekOf('events', Date.now()));
    },
  );

  it('stay until their last message is as old as messages are kept', async () => {
    const week = weekOf('messages', Date.now());
    await moveClock(retentionMs - dayMs);
    await gateway.get(PartitionKeeper).runOnce();
    expect(await partitionsOf('messages')).toContain(week);
  });

  it('are tried again rather than stall accepts behind a long transaction', async () => {
    const keeper = gateway.get(PartitionKeeper);
    await moveClock(later);
    await database.query('select make_partitions(5)');
    const week = weekOf('messages', Date.now());
    await reader.query('begin');
    await reader.query('select count(*) from messages');
    const dropping = keeper.runOnce();
    const slowestMs = await slowestAcceptDuring(dropping);
    await expect(dropping).rejects.toThrow(/lock timeout/);
    expect(slowestMs).toBeLessThan(5_000);
    expect(await partitionsOf('messages')).toContain(week);
    await reader.query('rollback');
    expect(await lockTimeoutOf(`drop_old_partition('-infinity', '-infinity')`)).toBe('200ms');
    await database.query('truncate outgoing, outbox');
    await keeper.runOnce();
    expect(await partitionsOf('messages')).not.toContain(week);
  });
});

describe('DISPATCH 19: the DEFAULT partition', () => {
  it('takes what no week was made for, and raises an alarm as long as it holds a row', async () => {
    const alarms: unknown[] = [];
    const log = { ...quietLog, error: (fields: unknown) => alarms.push(fields) } as unknown as Log;
    const reconciler = reconcilerOf(gateway, log);
    await reconciler.keepPartitions();
    expect(alarms).toEqual([]);
    // No worker made partitions for ten weeks.
    await moveClock(10 * 7 * dayMs);
    const id = await send(gateway, tenant);
    const [row] = await database.query<{ name: string; id: string }>(
      'select tableoid::regclass::text as name, id from messages',
    );
    expect(row).toEqual({ name: 'messages_default', id: readId('msg', id) });
    expect((await gateway.get(PartitionKeeper).horizon()).strays).toBe(1);
    await reconciler.keepPartitions();
    expect(alarms).toEqual([{ rows: 1 }]);
  });

  it('keeps the partition of its own week from being made, and no other', async () => {
    const keeper = gateway.get(PartitionKeeper);
    await moveClock(10 * 7 * dayMs);
    await send(gateway, tenant);
    await keeper.runOnce();
    const names = await partitionsOf('messages');
    expect(names).not.toContain(weekOf('messages', Date.now() + 10 * 7 * dayMs));
    for (const week of [-1, 1, 2, 3, 4, 5])
      expect(names).toContain(weekOf('messages', Date.now() + (10 + week) * 7 * dayMs));
    expect(await partitionsOf('feed')).toContain(weekOf('feed', Date.now() + 10 * 7 * dayMs));
  });
});

describe('DISPATCH 19: after weeks of standstill', () => {
  it('a gateway that is ready has made the partitions', async () => {
    await database.moveClock(10 * 7 * dayMs);
    const started = await startGateway({
      database,
      providerUrl: 'http://127.0.0.1:9',
      roles: ['api'],
      loops: false,
    });
    try {
      expect(await partitionsOf('messages')).toContain(
        weekOf('messages', Date.now() + 10 * 7 * dayMs),
      );
    } finally {
      await started.close();
    }
  });
});

describe('rows that serve look-ups', () => {
  it('go when their time is over, however many have gathered', async () => {
    const many = 25_000;
    await database.query(
      `insert into idempotency_keys (tenant_id, key, body_hash, created_at)
         select gen_random_uuid(), n::text, '', app_clock() - interval '8 days' from generate_series(1, $1::int) n`,
      [many],
    );
    await database.query(
      `insert into receipts (tenant_id, message_id, attempt, provider_status, account_id, first_at, folded)
         select gen_random_uuid(), gen_random_uuid(), 1, '1', gen_random_uuid(), app_clock() - make_interval(days => case when n = 1 then 5 else 7 end), true
         from generate_series(1, $1::int) n`,
      [many],
    );
    await reconcilerOf(gateway).dropOldRows();
    const [left] = await database.query(
      'select (select count(*) from idempotency_keys)::int as keys, (select count(*) from receipts)::int as receipts',
    );
    expect(left).toEqual({ keys: 0, receipts: 1 });
  });
});
