import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { Admission } from '../../apps/gateway/src/messages/admission.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
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

const message = { recipient: '+380671234567', text: 'Hello' };

function post(tenant: TestTenant, path: string, body: object): Promise<Response> {
  return fetch(gateway.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${tenant.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

function send(tenant: TestTenant, body: object = message): Promise<Response> {
  return post(tenant, '/v1/messages', body);
}

/** On its way to the database, and not there. */
async function sendMany(tenant: TestTenant, count: number): Promise<{ answer: Promise<Response> }> {
  const admission = gateway.get(Admission);
  const before = admission.underWay;
  const answer = post(tenant, '/v1/messages/batch', {
    messages: Array.from({ length: count }, () => message),
  });
  await eventually(async () => admission.underWay === before + count);
  return { answer };
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
    await locker.query('begin; lock table messages in share mode');
    try {
      const flood = await sendMany(flooder, ofTenant);
      const turnedAway = await send(flooder);
      expect(turnedAway.status).toBe(429);
      expect(Object.fromEntries(turnedAway.headers)).toMatchObject({
        'content-type': 'application/problem+json',
        'retry-after': '1',
        'ratelimit-limit': String(ofTenant),
        'ratelimit-remaining': '0',
        'ratelimit-reset': '1',
      });
      expect(await turnedAway.json()).toMatchObject({ code: 'too_many_requests', status: 429 });
      // Before any look at it.
      expect((await send(flooder, { nonsense: true })).status).toBe(429);

      const others = await sendMany(other, ofAll - ofTenant);
      const full = await send(third);
      expect(full.status).toBe(503);
      expect(full.headers.get('retry-after')).toBe('1');
      expect(await full.json()).toMatchObject({ code: 'overloaded' });
      expect(gateway.get(Admission).underWay).toBe(ofAll);
      await locker.query('rollback');
      expect(await statusesOf([await flood.answer, await others.answer])).toEqual({ 202: 2 });
    } finally {
      await locker.query('rollback');
    }
    expect(await statusesOf([await send(flooder), await send(third)])).toEqual({ 202: 2 });
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
    expect(tookMs).toBeLessThan(2_500);
    await statusesOf(await Promise.all(early));
    expect((await read()).status).toBe(200);
  });
});
