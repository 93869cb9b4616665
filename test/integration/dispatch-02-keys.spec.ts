import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { MessageAcceptor } from '../../apps/gateway/src/messages/message-acceptor.js';
import type { NewMessage } from '../../apps/gateway/src/messages/new-message.js';
import { sha256 } from '../../apps/gateway/src/platform/crypto/index.js';
import { Deadline } from '../../apps/gateway/src/platform/deadline/index.js';
import { Database } from '../../apps/gateway/src/platform/database/index.js';
import { Ids, readId } from '../../apps/gateway/src/platform/ids/index.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import {
  createTenant,
  eventually,
  startGateway,
  type TestGateway,
  type TestTenant,
} from '../support/gateway.js';
import { pause } from '../support/steps.js';

let database: TestDatabase;
let gateway: TestGateway;
let tenant: TestTenant;
let holder: pg.Client;

const good = { recipient: '+380671234567', text: 'Hello' };

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
  await database.query(
    'truncate messages, outgoing, scheduled, outbox, idempotency_keys, daily_counts',
  );
  const url = Object.assign(new URL(process.env['TYRIAN_TEST_PG_URL'] as string), {
    pathname: database.name,
  });
  holder = new pg.Client({ connectionString: url.href });
  await holder.connect();
});

afterEach(async () => {
  await holder.end();
  // What its caller no longer waited for is written once the holder is gone, and must not fall into the next test.
  await gateway.get(MessageAcceptor).onApplicationShutdown();
});

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly isReplay: boolean;
  readonly tookMs: number;
}

async function post(body: unknown, key?: string): Promise<Answer> {
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
  const isReplay = response.headers.get('idempotent-replayed') === 'true';
  return { status: response.status, text, isReplay, tookMs: performance.now() - startedMs };
}

async function countMessages(): Promise<number> {
  const [row] = await database.query<{ count: number }>(
    'select count(*)::int as count from messages',
  );
  return row?.count ?? -1;
}

/** A message as the API's floor hands it on. */
function message(text: string): NewMessage {
  const now = Date.now();
  return {
    tenantId: readId('ten', tenant.id) as string,
    id: gateway.get(Ids).next(),
    accountId: readId('acc', tenant.accountId) as string,
    apiKeyId: null,
    acceptedAt: new Date(now).toISOString(),
    sender: 'Tyrian',
    recipient: '380671234567',
    category: 'transactional',
    class: 1,
    twoWay: false,
    providerMessageType: 106,
    deliveryMode: 'at_most_once',
    text,
    imageUrl: null,
    buttonCaption: null,
    buttonUrl: null,
    fileUrl: null,
    fallbackSmsText: null,
    validitySeconds: 3_600,
    sendAt: null,
    expiresAt: new Date(now + 3_600_000).toISOString(),
    clientReference: null,
    groupName: null,
    metadata: null,
    requestId: null,
  };
}

/** Batches of one message each, without a key of their own: the key is that of the message. */
function acceptBatchesTogether(...asked: { key: string; text: string }[]) {
  const acceptor = gateway.get(MessageAcceptor);
  return Promise.all(
    asked.map(({ key, text }) => {
      const drafted = message(text);
      return acceptor.accept(
        {
          tenantId: drafted.tenantId,
          accountIds: null,
          claim: null,
          items: [
            {
              message: drafted,
              claim: { key, bodyHash: sha256(text), at: '/messages/0' },
              index: 0,
            },
          ],
          results: [],
        },
        Deadline.in(60_000),
      );
    }),
  );
}

function acceptOne({ key, text }: { key: string; text: string }) {
  const drafted = message(text);
  return gateway.get(MessageAcceptor).accept(
    {
      tenantId: drafted.tenantId,
      accountIds: null,
      claim: { key, bodyHash: sha256(text), at: '' },
      items: [{ message: drafted, claim: null, index: null }],
      results: null,
    },
    Deadline.in(60_000),
  );
}

/** Two callers of the same turn: group commit puts them into one flush. */
function acceptTogether(...asked: { key: string; text: string }[]) {
  return Promise.allSettled(asked.map(acceptOne));
}

/** Puts a key into an open transaction of somebody else. */
async function holdKey(key: string): Promise<void> {
  await holder.query('begin');
  await holder.query(
    `insert into idempotency_keys (tenant_id, key, body_hash, message_id)
     select tenant_id, $1, body_hash, message_id from idempotency_keys limit 1`,
    [key],
  );
}

describe('DISPATCH 2: equal keys in one flush', () => {
  it('make one message; the loser is told of the winner', async () => {
    const [winner, loser] = await acceptTogether(
      { key: 'k', text: 'same' },
      { key: 'k', text: 'same' },
    );
    const [stored] = await database.query<{ id: string }>('select id from messages');
    expect(await countMessages()).toBe(1);
    expect(winner).toMatchObject({ value: { kind: 'accepted', items: [{ id: stored?.id }] } });
    expect(loser).toMatchObject({ value: { kind: 'replayed', messageId: stored?.id } });
    const [commits] = await database.query<{ count: number }>(
      `select count(distinct xmin::text)::int as count from (select xmin from messages union all select xmin from idempotency_keys) as t`,
    );
    expect(commits?.count).toBe(1);
  });

  it('make one message of those of two batches, too', async () => {
    const [winner, loser] = await acceptBatchesTogether(
      { key: 'k', text: 'same' },
      { key: 'k', text: 'same' },
    );
    const [stored] = await database.query<{ id: string }>('select id from messages');
    expect(await countMessages()).toBe(1);
    expect(winner).toMatchObject({ items: [{ kind: 'accepted', id: stored?.id }] });
    expect(loser).toMatchObject({ items: [{ kind: 'replayed', id: stored?.id }] });
  });

  it('are one message and one refusal where their bodies differ', async () => {
    const [winner, loser] = await acceptTogether(
      { key: 'k', text: 'one' },
      { key: 'k', text: 'another' },
    );
    expect(winner).toMatchObject({ value: { kind: 'accepted' } });
    expect(loser).toMatchObject({ reason: { problem: { code: 'idempotency_key_reused' } } });
    expect(await countMessages()).toBe(1);
  });

  it('do not keep another key of the same flush waiting while one of them is held', async () => {
    await post(good, 'first');
    await holdKey('held');
    const free = Array.from({ length: 9 }, (_, index) => ({ key: `free-${index}`, text: 'x' }));
    const before = free.slice(0, 4).map(acceptOne);
    const held = acceptOne({ key: 'held', text: 'x' });
    const others = Promise.all([...before, ...free.slice(4).map(acceptOne)]);
    const heldEnds = held.then(
      () => 'the held one',
      () => 'the held one',
    );
    expect(await Promise.race([heldEnds, others.then(() => 'the others')])).toBe('the others');
    expect(await countMessages()).toBe(10);
    await holder.query('rollback');
    await heldEnds;
  });
});

describe('DISPATCH 2: a key that another transaction holds', () => {
  it('is waited for, for about three seconds, and then answered with 409', async () => {
    await post(good, 'first');
    await holdKey('held');
    let answer = await post(good, 'held');
    // A stall of the machine makes one answer late, and not each of three.
    for (let more = 2; more > 0 && answer.tookMs >= 3_500; more -= 1)
      answer = await post(good, 'held');
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([409, 'idempotency_in_progress']);
    expect(answer.tookMs).toBeGreaterThan(2_000);
    expect(answer.tookMs).toBeLessThan(3_500);
    await holder.query('rollback');
  });

  it('is answered as the holder was, where it commits meanwhile', async () => {
    const first = await post(good, 'first');
    await holdKey('held');
    const waiting = post(good, 'held');
    await pause(500);
    await holder.query('commit');
    const answer = await waiting;
    expect([answer.status, answer.text, answer.isReplay]).toEqual([202, first.text, true]);
    expect(await countMessages()).toBe(1);
  });

  it('is taken over where the holder is rolled back meanwhile', async () => {
    await post(good, 'first');
    await holdKey('held');
    const waiting = post(good, 'held');
    await pause(500);
    await holder.query('rollback');
    const answer = await waiting;
    expect([answer.status, answer.isReplay]).toEqual([202, false]);
    expect(await countMessages()).toBe(2);
  });

  it('cannot be held by a replica that froze in its transaction: the server ends it', async () => {
    await post(good, 'first');
    let isHeld = false;
    let thaw = (): void => undefined;
    const thawed = new Promise<void>((resolve) => (thaw = resolve));
    const frozen = gateway
      .get(Database)
      .transaction('callbacks', { role: 'ingest' }, async (tx) => {
        await tx.query(
          `insert into idempotency_keys (tenant_id, key, body_hash, message_id)
           select tenant_id, 'held', body_hash, message_id from idempotency_keys limit 1`,
        );
        isHeld = true;
        await thawed;
      })
      .catch((error: unknown) => error);
    try {
      await eventually(async () => isHeld);
      // A request waits for not much longer than a frozen transaction lives: a later one has the key.
      await eventually(async () => (await post(good, 'held')).status === 202);
    } finally {
      thaw();
    }
    expect(await frozen).toBeInstanceOf(Error);
  });
});
