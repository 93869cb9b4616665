import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { DatabaseAddress } from '../../apps/gateway/src/platform/database/index.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { startDatabaseProxy, type DatabaseProxy } from '../support/database-proxy.js';
import {
  call,
  createTenant,
  eventually,
  startGateway,
  type TestGateway,
  type TestTenant,
} from '../support/gateway.js';

let database: TestDatabase;
let proxy: DatabaseProxy;
let gateway: TestGateway;
let tenant: TestTenant;

const good = { recipient: '+380671234567', text: 'Hello' };

/** Client and gateway are one process: what keeps it from turning is no delay of the gateway's. */
const lag = monitorEventLoopDelay({ resolution: 5 });
/** Three seconds, and what handing an answer over takes. */
const longestMs = (): number => 3_500 + lag.max / 1e6;

beforeEach(async () => {
  database = await createTestDatabase();
  proxy = await startDatabaseProxy(database.address.url);
  const address = new DatabaseAddress(proxy.url, database.address.ownerUrl, proxy.url, 12);
  gateway = await startGateway({
    database: { ...database, address },
    providerUrl: 'http://127.0.0.1:9',
    roles: ['api'],
  });
  tenant = await createTenant(gateway);
  lag.reset();
  lag.enable();
});

afterEach(async () => {
  lag.disable();
  proxy.mend();
  await gateway.close();
  await proxy.close();
  await database.drop();
});

async function post(
  body: unknown,
  key?: string,
): Promise<{ status: number; text: string; headers: Headers; tookMs: number }> {
  const startedMs = performance.now();
  const response = await fetch(`${gateway.url}/v1/messages`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${tenant.apiKey}`,
      'content-type': 'application/json',
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return {
    status: response.status,
    text,
    headers: response.headers,
    tookMs: performance.now() - startedMs,
  };
}

/** The same by a client that comes again on 503: nothing was done. */
async function postAgain(body: unknown, key: string): ReturnType<typeof post> {
  for (;;) {
    const answer = await post(body, key);
    if (answer.status !== 503) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function counts(): Promise<Record<string, number>> {
  const [row] = await database.query<Record<string, number>>(`select
    (select count(*) from messages)::int as messages, (select count(*) from outgoing)::int as outgoing,
    (select count(*) from scheduled)::int as scheduled, (select count(*) from outbox)::int as outbox,
    (select count(*) from idempotency_keys)::int as keys, (select coalesce(sum(accepted), 0) from daily_counts)::int as counted`);
  return row as Record<string, number>;
}

async function superuser(): Promise<pg.Client> {
  const url = Object.assign(new URL(process.env['TYRIAN_TEST_PG_URL'] as string), {
    pathname: database.name,
  });
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  return client;
}

describe('DISPATCH 1: accepting is one transaction', () => {
  it('stores key, message, queue row, counter and outbox together', async () => {
    expect((await post(good, 'k1')).status).toBe(202);
    expect(await counts()).toEqual({
      messages: 1,
      outgoing: 1,
      scheduled: 0,
      outbox: 1,
      keys: 1,
      counted: 1,
    });
    await post({ ...good, send_at: new Date(Date.now() + 3_600_000).toISOString() });
    expect(await counts()).toEqual({
      messages: 2,
      outgoing: 1,
      scheduled: 1,
      outbox: 1,
      keys: 1,
      counted: 2,
    });
  });

  it.each(['outgoing', 'outbox', 'daily_counts', 'messages'])(
    'and nothing at all where %s cannot be written',
    async (table) => {
      await database.query(
        `create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no' using errcode = '23514'; end $$`,
      );
      await database.query(
        `create trigger refuse before insert on ${table} for each row execute function refuse()`,
      );
      expect((await post(good, 'k1')).status).toBeGreaterThanOrEqual(500);
      await database.query(`drop trigger refuse on ${table}`);
      expect(await counts()).toEqual({
        messages: 0,
        outgoing: 0,
        scheduled: 0,
        outbox: 0,
        keys: 0,
        counted: 0,
      });
    },
  );
});

describe('DISPATCH 2: idempotency', () => {
  it('makes one message of forty equal requests at once, answered alike to the byte', async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, () => postAgain(good, 'same')));
    expect(new Set(answers.map((answer) => `${answer.status} ${answer.text}`)).size).toBe(1);
    expect(
      answers.filter((answer) => answer.headers.get('idempotent-replayed') === 'true'),
    ).toHaveLength(39);
    expect((await counts())['messages']).toBe(1);
  });

  it('hashes what was asked for, not how: the order of keys is nothing, a default that is named is something', async () => {
    const first = await post({ recipient: good.recipient, text: good.text }, 'k');
    expect((await post({ text: good.text, recipient: good.recipient }, 'k')).text).toBe(first.text);
    expect((await post({ ...good, priority: 'normal' }, 'k')).status).toBe(422);
  });

  it('answers 409 while another transaction holds the key, and lets everybody else through meanwhile', async () => {
    const holder = await superuser();
    await holder.query('begin');
    await holder.query(
      `insert into idempotency_keys (tenant_id, key, body_hash, message_id) select id, 'held', '\\x00', gen_random_uuid() from tenants`,
    );
    let isWaiting = true;
    const held = post(good, 'held').finally(() => (isWaiting = false));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const others = await Promise.all(
      Array.from({ length: 5 }, (_, index) => post(good, `free-${index}`)),
    );
    expect(others.map((answer) => answer.status)).toEqual([202, 202, 202, 202, 202]);
    expect(isWaiting).toBe(true);
    const answer = await held;
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([409, 'idempotency_in_progress']);
    expect(answer.tookMs).toBeLessThan(longestMs());
    await holder.query('rollback');
    await holder.end();
    expect((await post(good, 'held')).status).toBe(202);
  });
});

describe('DISPATCH 3: failed flushes', () => {
  it('fail for the one row that is to blame, and for no other of the same flush', async () => {
    await database.query(`create function refuse() returns trigger language plpgsql as $$
      begin if new.text = 'bad' then raise exception 'no' using errcode = '23514'; end if; return new; end $$`);
    await database.query(
      'create trigger refuse before insert on messages for each row execute function refuse()',
    );
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        post({ ...good, text: index === 17 ? 'bad' : 'good' }),
      ),
    );
    expect(answers.filter((answer) => answer.status === 202)).toHaveLength(29);
    expect(answers[17]?.status).toBe(500);
    expect((await counts())['messages']).toBe(29);
  });

  it('are run again whole after a serialisation failure', async () => {
    await database.query('create sequence tries');
    await database.query('grant usage on sequence tries to public');
    await database.query(`create function refuse() returns trigger language plpgsql as $$
      begin if nextval('tries') = 1 then raise exception 'again' using errcode = '40001'; end if; return new; end $$`);
    await database.query(
      'create trigger refuse before insert on messages for each row execute function refuse()',
    );
    expect((await post(good)).status).toBe(202);
    expect((await counts())['messages']).toBe(1);
  });

  it('whose COMMIT went unanswered are run again with the same ids: one message, counted once', async () => {
    // The look-ups before it are fresh in memory: only the accepting transaction commits.
    await post(good);
    proxy.cutAfterCommit(1);
    const answer = await post(good, 'k');
    expect(answer.status).toBe(202);
    expect(await counts()).toMatchObject({
      messages: 2,
      outgoing: 2,
      outbox: 2,
      keys: 1,
      counted: 2,
    });
    expect((await post(good, 'k')).text).toBe(answer.text);
  });

  it('end in outcome_unknown with the id, where nobody can say within three seconds', async () => {
    // The look-ups before it are fresh in memory: only the accepting transaction commits.
    await post(good);
    proxy.cutAfterCommit(1_000);
    const answer = await post(good);
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([503, 'outcome_unknown']);
    expect(answer.tookMs).toBeLessThan(longestMs());
    proxy.cutAfterCommit(0);
    const { id } = JSON.parse(answer.text) as { id: string };
    await eventually(
      async () =>
        (
          await call<{ status?: string }>(gateway, 'GET', `/v1/messages/${id}`, {
            token: tenant.apiKey,
          })
        ).status === 'queued',
    );
  });

  it.each(['cut', 'freeze'] as const)(
    'answer 503 within three seconds while the database is away (%s), and nothing is half done',
    async (how) => {
      await post(good);
      proxy[how]();
      const answers = await Promise.all(Array.from({ length: 5 }, () => post(good)));
      for (const answer of answers) {
        expect(answer.status).toBe(503);
        expect(answer.headers.get('retry-after')).not.toBeNull();
        expect(answer.tookMs).toBeLessThan(longestMs());
      }
      proxy.mend();
      await eventually(async () => (await post(good)).status === 202, { withinMs: 10_000 });
      const now = await counts();
      expect(now['messages']).toBe(now['outgoing']);
      expect(now['messages']).toBe(now['counted']);
    },
  );
});
