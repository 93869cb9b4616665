import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import {
  ControlPlane,
  Database,
  DatabaseAddress,
} from '../../apps/gateway/src/platform/database/index.js';
import { showId } from '../../apps/gateway/src/platform/ids/index.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { startDatabaseProxy } from '../support/database-proxy.js';
import {
  createTenant,
  startGateway,
  type TestGateway,
  type TestTenant,
} from '../support/gateway.js';
import { pause } from '../support/steps.js';

let database: TestDatabase;
let gateway: TestGateway;
let tenant: TestTenant;

const good = { recipient: '+380671234567', text: 'good' };

beforeAll(async () => {
  database = await createTestDatabase();
  gateway = await startGateway({ database, providerUrl: 'http://127.0.0.1:9', roles: ['api'] });
  tenant = await createTenant(gateway);
  await post(good);
}, 60_000);

afterAll(async () => {
  await gateway?.close();
  await database?.drop();
});

beforeEach(async () => {
  await database.query('drop trigger if exists refuse on messages');
  await database.query('drop sequence if exists tries');
  await database.query(
    'truncate messages, outgoing, scheduled, outbox, idempotency_keys, daily_counts',
  );
});

async function post(body: unknown, key?: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`${gateway.url}/v1/messages`, {
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
    (select count(*) from outbox)::int as outbox, (select count(*) from idempotency_keys)::int as keys,
    (select coalesce(sum(accepted), 0) from daily_counts)::int as counted`);
  return row as Record<string, number>;
}

async function refuse(body: string): Promise<void> {
  await database.query(
    `create or replace function refuse() returns trigger language plpgsql as $$ begin ${body} return new; end $$`,
  );
  await database.query(
    'create trigger refuse before insert on messages for each row execute function refuse()',
  );
}

describe('DISPATCH 3: what fails a flush', () => {
  it.each(['22001', '22P02', '23514', '55P03'])(
    '%s of one row fails for its caller alone',
    async (code) => {
      await refuse(
        `if new.text = 'bad' then raise exception 'refused by the test' using errcode = '${code}'; end if;`,
      );
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          post({ ...good, text: index === 7 ? 'bad' : 'good' }, `k${index}`),
        ),
      );
      const statuses = answers.map((answer) => answer.status);
      expect(statuses.filter((status) => status === 202)).toHaveLength(19);
      expect(statuses[7]).toBe(code === '55P03' ? 409 : 500);
      // The last try of the one that waited for its lock may still be under way when it is answered.
      await pause(400);
      expect(await counts()).toEqual({
        messages: 19,
        outgoing: 19,
        outbox: 19,
        keys: 19,
        counted: 19,
      });
    },
  );

  it.each(['40001', '40P01'])('%s is run again whole, and nobody hears of it', async (code) => {
    await database.query('create sequence tries');
    await database.query('grant usage on sequence tries to public');
    await refuse(
      `if nextval('tries') <= 2 then raise exception 'again' using errcode = '${code}'; end if;`,
    );
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => post(good, `k${index}`)),
    );
    expect(answers.map((answer) => answer.status)).toEqual(Array.from({ length: 10 }, () => 202));
    expect((await counts())['messages']).toBe(10);
  });
});

describe('DISPATCH 3: a lock that stays', () => {
  it('is no 409 for who gave no key: repeating it would send twice what is written after all', async () => {
    const [owner] = await database.query<{ id: string }>('select id from tenants');
    const holder = new pg.Client({
      connectionString: Object.assign(new URL(process.env['TYRIAN_TEST_PG_URL'] as string), {
        pathname: database.name,
      }).href,
    });
    await holder.connect();
    await holder.query('begin');
    await holder.query('select 1 from lanes where tenant_id = $1 for update', [owner?.id]);
    // Apart by a third of a try, so that some are under way when they are answered.
    const answers = await Promise.all(
      [0, 90, 180].map(async (afterMs) => {
        await pause(afterMs);
        return post(good);
      }),
    );
    await holder.end();
    await pause(500);
    const named = answers.map((answer) => JSON.parse(answer.text) as { code: string; id?: string });
    expect(answers.map((answer) => answer.status)).toEqual([503, 503, 503]);
    const unknown = named.flatMap(({ code, id }) => (code === 'outcome_unknown' ? [id] : []));
    const written = await database.query<{ id: string }>('select id from messages');
    for (const { id } of written) expect(unknown).toContain(showId('msg', id));
    expect(named.filter(({ code }) => code === 'idempotency_in_progress')).toEqual([]);
  });
});

describe('DISPATCH 3: lost connections', () => {
  it('right after COMMIT was handed on: run again with the same ids, and counted once', async () => {
    let tries = 0;
    let cut = (_connection: number): void => undefined;
    const proxy = await startDatabaseProxy(database.address.url, (connection, text) => {
      // Accepting alone waits so briefly for a lock.
      if (!/^begin; set local role tyrian_ingest;.*lock_timeout = 200/.test(text)) return;
      tries += 1;
      cut(connection);
    });
    const { ownerUrl } = database.address;
    const behind = await startGateway({
      database: { ...database, address: new DatabaseAddress(proxy.url, ownerUrl, proxy.url, 12) },
      providerUrl: 'http://127.0.0.1:9',
      roles: ['api'],
    });
    const ask = async (body: unknown, key: string): Promise<{ status: number; text: string }> => {
      const path = Array.isArray(body) ? '/v1/messages/batch' : '/v1/messages';
      const response = await fetch(behind.url + path, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${tenant.apiKey}`,
          'content-type': 'application/json',
          'idempotency-key': key,
        },
        body: JSON.stringify(Array.isArray(body) ? { messages: body } : body),
      });
      return { status: response.status, text: await response.text() };
    };
    try {
      // Key and account are in memory then.
      await ask(good, 'first');
      for (const [key, body] of [
        ['single', good],
        ['batch', [good, good]],
      ] as const) {
        tries = 0;
        cut = (connection) => proxy.cutAfterCommit(tries === 1 ? 1 : 0, connection);
        const answer = await ask(body, key);
        expect([answer.status, tries]).toEqual([202, 2]);
        cut = () => undefined;
        expect(await ask(body, key)).toEqual(answer);
      }
    } finally {
      await behind.close();
      await proxy.close();
    }
    expect(await counts()).toEqual({ messages: 4, outgoing: 4, outbox: 4, keys: 3, counted: 4 });
  });

  it('at any moment double nothing and lose nothing that was acknowledged', async () => {
    const until = new AbortController();
    const answers: { key: string; status: number; text: string }[] = [];
    let killed = 0;
    const killing = (async () => {
      while (!until.signal.aborted) {
        const [row] = await database.query<{ count: number }>(
          `select count(pg_terminate_backend(pid))::int as count from pg_stat_activity
           where datname = current_database() and application_name = 'tyrian hot' and state <> 'idle'`,
        );
        killed += row?.count ?? 0;
        // By answers, not by the clock: on a busy machine nothing would ever live long enough to commit.
        const answered = answers.length + (row?.count ? 4 : 0);
        do await pause(15);
        while (answers.length < answered && !until.signal.aborted);
      }
    })();
    const caller = async (name: number): Promise<void> => {
      for (let count = 0; count < 15; count += 1) {
        const key = `${name}-${count}`;
        answers.push({ key, ...(await post(good, key)) });
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, name) => caller(name)));
    until.abort();
    await killing;
    expect(killed).toBeGreaterThan(5);
    const refused = answers.filter((answer) => answer.status !== 202);
    expect(refused.length).toBeLessThan(60);
    expect(refused.filter((answer) => answer.status !== 503)).toEqual([]);
    for (const answer of refused) expect((await post(good, answer.key)).status).toBe(202);
    expect(await counts()).toEqual({
      messages: 120,
      outgoing: 120,
      outbox: 120,
      keys: 120,
      counted: 120,
    });
    for (const answer of answers.filter(({ status }) => status === 202).slice(0, 20)) {
      expect(await post(good, answer.key)).toEqual({ status: 202, text: answer.text });
    }
  });
});

describe('DISPATCH 3: time-outs', () => {
  const settings = `select current_user::text as role, current_setting('lock_timeout') as lock,
    current_setting('idle_in_transaction_session_timeout') as idle, current_setting('statement_timeout') as statement`;
  interface Settings {
    readonly role: string;
    readonly lock: string;
    readonly idle: string;
    readonly statement: string;
  }
  const meant = { role: 'tyrian_worker', lock: '1s', idle: '2s', statement: '5s' };

  it.each(['hot', 'callbacks', 'reads', 'health'] as const)(
    'are set on each transaction of the pool %s',
    async (pool) => {
      const pools = gateway.get(Database);
      for (let times = 0; times < 2; times += 1) {
        const [row] = await pools.transaction(pool, { role: 'worker' }, (tx) =>
          tx.query<Settings>(settings),
        );
        expect(row).toEqual(meant);
      }
    },
  );

  it('are set on each transaction of the control plane', async () => {
    const [row] = await gateway
      .get(ControlPlane)
      .run({ role: 'worker' }, (manager) => manager.query<Settings[]>(settings));
    expect(row).toEqual(meant);
  });
});
