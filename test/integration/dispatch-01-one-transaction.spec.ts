import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MessageAcceptor } from '../../apps/gateway/src/messages/message-acceptor.js';
import { closeGate } from '../support/commit-gate.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import {
  createTenant,
  eventually,
  startGateway,
  type TestGateway,
  type TestTenant,
} from '../support/gateway.js';

let database: TestDatabase;
let gateway: TestGateway;
let tenant: TestTenant;

const good = { recipient: '+380671234567', text: 'Hello' };
const nothing = { messages: 0, outgoing: 0, scheduled: 0, outbox: 0, keys: 0, counted: 0 };

beforeAll(async () => {
  database = await createTestDatabase();
  gateway = await startGateway({ database, providerUrl: 'http://127.0.0.1:9', roles: ['api'] });
  tenant = await createTenant(gateway);
  // The account is looked up once, so that a test meets the accepting transaction alone.
  await post('/v1/messages', good);
}, 60_000);

afterAll(async () => {
  await gateway?.close();
  await database?.drop();
});

beforeEach(async () => {
  for (const [table] of places) await database.query(`drop trigger if exists refuse on ${table}`);
  await database.query(
    'truncate messages, outgoing, scheduled, outbox, idempotency_keys, daily_counts',
  );
  await database.query('update lanes set has_work = false');
});

/** Every place that an accept writes to, and the kind of write. */
const places = [
  ['idempotency_keys', 'insert'],
  ['messages', 'insert'],
  ['outgoing', 'insert'],
  ['scheduled', 'insert'],
  ['outbox', 'insert'],
  ['daily_counts', 'insert'],
  ['lanes', 'update'],
] as const;

async function post(
  path: string,
  body: unknown,
  key?: string,
): Promise<{ status: number; text: string }> {
  const response = await fetch(gateway.url + path, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${tenant.apiKey}`,
      'content-type': 'application/json',
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    body: JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}

async function counts(): Promise<Record<string, number>> {
  const [row] = await database.query<Record<string, number>>(`select
    (select count(*) from messages)::int as messages, (select count(*) from outgoing)::int as outgoing,
    (select count(*) from scheduled)::int as scheduled, (select count(*) from outbox)::int as outbox,
    (select count(*) from idempotency_keys)::int as keys, (select coalesce(sum(accepted), 0) from daily_counts)::int as counted`);
  return row as Record<string, number>;
}

/** Refuses a write as a constraint would: at once, or at the COMMIT. */
async function refuseWrites(
  table: string,
  options: { on?: string; when?: string; atCommit?: boolean } = {},
): Promise<void> {
  await database.query(`create or replace function refuse() returns trigger language plpgsql as
    $$ begin raise exception 'refused by the test' using errcode = '23514'; end $$`);
  const timing = options.atCommit === true ? 'after' : 'before';
  await database.query(`create ${options.atCommit === true ? 'constraint' : ''} trigger refuse ${timing} ${options.on ?? 'insert'} on ${table}
    ${options.atCommit === true ? 'deferrable initially deferred' : ''} for each row ${options.when ?? ''} execute function refuse()`);
}

describe('DISPATCH 1: one transaction', () => {
  it('writes the key, the message, the queue row, the counter, the outbox and the mark of the lane', async () => {
    expect((await post('/v1/messages', good, 'k')).status).toBe(202);
    const written = await database.query<{ place: string; transaction: string }>(`
      select 'key' as place, xmin::text as transaction from idempotency_keys
      union all select 'message', xmin::text from messages
      union all select 'queue row', xmin::text from outgoing
      union all select 'counter', xmin::text from daily_counts
      union all select 'outbox', xmin::text from outbox
      union all select 'mark', xmin::text from lanes where has_work`);
    expect(written.map((row) => row.place).sort()).toEqual(
      ['counter', 'key', 'mark', 'message', 'outbox', 'queue row'].sort(),
    );
    expect(new Set(written.map((row) => row.transaction)).size).toBe(1);
  });

  it.each(places)('leaves nothing at all where %s refuses its %s', async (table, on) => {
    const body =
      table === 'scheduled'
        ? { ...good, send_at: new Date(Date.now() + 3_600_000).toISOString() }
        : good;
    await refuseWrites(table, { on });
    expect((await post('/v1/messages', body, 'k')).status).toBeGreaterThanOrEqual(500);
    expect(await counts()).toEqual(nothing);
    await database.query(`drop trigger refuse on ${table}`);
    expect((await post('/v1/messages', body, 'k')).status).toBe(202);
  });

  it('answers after its COMMIT and not before: one that fails only there is no 202', async () => {
    await refuseWrites('outgoing', { atCommit: true });
    expect((await post('/v1/messages', good, 'k')).status).toBeGreaterThanOrEqual(500);
    expect(await counts()).toEqual(nothing);
  });

  it('takes a batch as a unit: one refused row takes all of it, and nothing of another caller', async () => {
    await refuseWrites('messages', { when: `when (new.text = 'bad')` });
    const batch = { messages: ['one', 'bad', 'three'].map((text) => ({ ...good, text })) };
    const [refused, ...others] = await Promise.all([
      post('/v1/messages/batch', batch, 'batch'),
      ...Array.from({ length: 9 }, () => post('/v1/messages', good)),
    ]);
    expect(refused.status).toBe(500);
    expect(others.map((answer) => answer.status)).toEqual(Array.from({ length: 9 }, () => 202));
    expect(await counts()).toEqual({ ...nothing, messages: 9, outgoing: 9, outbox: 9, counted: 9 });
  });

  it('joins the callers that come while another commit is under way', async () => {
    // The first commit takes long enough for all the others to gather behind it.
    const gate = await closeGate(database, 'insert on messages');
    try {
      const first = post('/v1/messages', good);
      await gate.reached();
      const others = Array.from({ length: 40 }, () => post('/v1/messages', good));
      await eventually(async () => gateway.get(MessageAcceptor).waiting === others.length);
      await gate.open();
      const answers = await Promise.all([first, ...others]);
      expect(answers.map((answer) => answer.status)).toEqual(Array.from({ length: 41 }, () => 202));
    } finally {
      await gate.open();
      await database.query('drop trigger gate on messages');
    }
    const [row] = await database.query<{ commits: number }>(
      'select count(distinct xmin::text)::int as commits from messages',
    );
    expect(row?.commits).toBeLessThanOrEqual(3);
  });
});
