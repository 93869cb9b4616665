import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { MessageAcceptor } from '../../apps/gateway/src/messages/message-acceptor.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import {
  createTenant,
  startGateway,
  type TestGateway,
  type TestTenant,
} from '../support/gateway.js';

/** The least that the variables allow. */
const [ofTenant, ofAll] = [100, 150];

let database: TestDatabase;
let gateway: TestGateway;
let tenants: TestTenant[];
let locker: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  gateway = await startGateway({
    database,
    providerUrl: 'http://127.0.0.1:9',
    loops: false,
    variables: {
      LIMIT_TENANT_QUEUE_ROWS: String(ofTenant),
      LIMIT_ACCEPT_QUEUE_ROWS: String(ofAll),
    },
  });
  tenants = [];
  for (const name of ['Flood', 'Other', 'Third'])
    tenants.push(await createTenant(gateway, {}, name));
  const url = Object.assign(new URL(process.env['TYRIAN_TEST_PG_URL'] as string), {
    pathname: database.name,
  });
  locker = new pg.Client({ connectionString: url.href });
  await locker.connect();
});

afterAll(async () => {
  await locker?.end();
  await gateway?.close();
  await database?.drop();
});

function send(tenant: TestTenant, body: object = { recipient: '+380671234567', text: 'Hello' }) {
  return fetch(`${gateway.url}/v1/messages`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tenant.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

async function statusesOf(answers: readonly Response[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const answer of answers) {
    await answer.arrayBuffer();
    counts[answer.status] = (counts[answer.status] ?? 0) + 1;
  }
  return counts;
}

describe('with a database that takes nothing for a moment', () => {
  it('one tenant floods and is told 429, the others are taken, until memory is full for all: 503', async () => {
    const [flooder, other, third] = tenants as [TestTenant, TestTenant, TestTenant];
    // Warm: the keys and accounts are known, so that no look-up is needed.
    await statusesOf(await Promise.all(tenants.map((tenant) => send(tenant))));
    let mostWaiting = 0;
    const watching = setInterval(() => {
      mostWaiting = Math.max(mostWaiting, gateway.get(MessageAcceptor).waiting);
    }, 5);
    await locker.query('begin; lock table messages in share mode');
    const flood = Array.from({ length: 300 }, () => send(flooder));
    const turnedAway = await firstOf(flood, 200);
    expect(turnedAway.every(({ status }) => status === 429)).toBe(true);
    const [one] = turnedAway as [Response];
    expect(Object.fromEntries(one.headers)).toMatchObject({
      'content-type': 'application/problem+json',
      'retry-after': '1',
      'ratelimit-limit': String(ofTenant),
      'ratelimit-remaining': '0',
      'ratelimit-reset': '1',
    });
    expect(await one.json()).toMatchObject({ code: 'too_many_requests', status: 429 });
    // Before any look at it.
    expect((await send(flooder, { nonsense: true })).status).toBe(429);

    const others = Array.from({ length: ofAll - ofTenant }, () => send(other));
    const full = await eventuallyFull(() => send(third));
    expect(full.headers.get('retry-after')).toBe('1');
    expect(await full.json()).toMatchObject({ code: 'overloaded' });
    await locker.query('rollback');

    expect(await statusesOf(await Promise.all(others))).toEqual({ 202: ofAll - ofTenant });
    const rest = (await Promise.all(flood)).filter((answer) => !turnedAway.includes(answer));
    expect(await statusesOf(rest)).toEqual({ 202: ofTenant });
    expect((await send(flooder)).status).toBe(202);
    clearInterval(watching);
    expect(mostWaiting).toBeGreaterThan(0);
    expect(mostWaiting).toBeLessThanOrEqual(ofAll);
  });
});

describe('with connections that do not come back', () => {
  it('a reader who would wait for too long is told so at once, and the next one is served when they do', async () => {
    const [reader] = tenants as [TestTenant];
    const read = () =>
      fetch(`${gateway.url}/v1/messages`, {
        headers: { authorization: `Bearer ${reader.apiKey}` },
      });
    expect((await read()).status).toBe(200);
    await locker.query('begin; lock table messages in access exclusive mode');
    const early = Array.from({ length: 20 }, () => read());
    await pause(700);
    const askedMs = performance.now();
    const turnedAway = await read();
    const tookMs = performance.now() - askedMs;
    await locker.query('rollback');
    expect(turnedAway.status).toBe(503);
    expect(turnedAway.headers.get('retry-after')).toBe('1');
    expect(await turnedAway.json()).toMatchObject({ code: 'overloaded' });
    // Its place in the line would have been behind twenty, and the lock was there for as long as nobody let go of it.
    expect(tookMs).toBeLessThan(250);
    await statusesOf(await Promise.all(early));
    expect((await read()).status).toBe(200);
  });
});

/** Those that are answered first. */
async function firstOf(answers: readonly Promise<Response>[], count: number): Promise<Response[]> {
  const first: Response[] = [];
  const note = async (answer: Promise<Response>): Promise<void> => {
    first.push(await answer);
  };
  const noted = Promise.all(answers.map(note));
  while (first.length < count) await Promise.race([noted, pause(10)]);
  return first.slice(0, count);
}

/** The requests of the others are on their way: the first that finds no room. */
async function eventuallyFull(ask: () => Promise<Response>): Promise<Response> {
  for (;;) {
    const answer = await Promise.race([ask(), pause(200)]);
    if (answer instanceof Response && answer.status === 503) return answer;
  }
}
