import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeApiKey } from '../../apps/gateway/src/tenants/api-key-secret.js';
import { DatabaseAddress } from '../../apps/gateway/src/platform/database/index.js';
import { adminToken } from '../support/configuration.js';
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
import { pause } from '../support/steps.js';

let database: TestDatabase;
let proxy: DatabaseProxy;
let gateway: TestGateway;
let tenant: TestTenant;
let statements: string[];

const message = { recipient: '+380671234567', text: 'Hello' };

beforeEach(async () => {
  statements = [];
  database = await createTestDatabase();
  proxy = await startDatabaseProxy(database.address.url, (_, text) => statements.push(text));
  const address = new DatabaseAddress(proxy.url, database.address.ownerUrl, proxy.url, 12);
  gateway = await startGateway({
    database: { ...database, address },
    providerUrl: 'http://127.0.0.1:9',
    roles: ['api'],
  });
  tenant = await createTenant(gateway);
  // The check of its key ends in a commit of its own.
  await eventually(
    async () =>
      (await database.query(`select 1 from connections where key_verdict = 'unchecked'`)).length ===
      0,
  );
});

afterEach(async () => {
  proxy.mend();
  await gateway.close();
  await proxy.close();
  await database.drop();
});

interface Answer {
  readonly what: string;
  readonly status: number;
  readonly body: { code?: string; id?: string; name?: string };
  readonly retryAfter: string | null;
  readonly tookMs: number;
}

async function ask(method: string, path: string, token: string, body?: unknown): Promise<Answer> {
  const startedMs = performance.now();
  const response = await fetch(gateway.url + path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    what: `${method} ${path}`,
    status: response.status,
    body: JSON.parse(text) as Answer['body'],
    retryAfter: response.headers.get('retry-after'),
    tookMs: performance.now() - startedMs,
  };
}

/** Three seconds, and what handing an answer over takes. */
const longestMs = 3_000 + 400;

describe('while the database is frozen', () => {
  it('every request is answered with a true 503 within three seconds, however many come', async () => {
    const { id } = await call<{ id: string }>(gateway, 'POST', '/v1/messages', {
      token: tenant.apiKey,
      body: message,
      expect: 202,
    });
    const others = await Promise.all(
      Array.from({ length: 3 }, (_, index) => createTenant(gateway, {}, `Tenant ${index}`)),
    );
    // What was looked up before is too old by then: the freeze is met cold, but for one tenant.
    await pause(2_500);
    await ask('GET', `/v1/messages/${id}`, tenant.apiKey);
    proxy.freeze();
    // Client and gateway are one process: what keeps it from turning is no delay of the gateway's.
    const lag = monitorEventLoopDelay({ resolution: 5 });
    lag.enable();
    const asked: Promise<Answer>[] = [];
    const references: string[] = [];
    for (let wave = 0; wave < 30; wave += 1) {
      const cold = others[wave % others.length]!;
      const reference = `wave-${wave}`;
      references.push(reference);
      asked.push(
        ask('POST', '/v1/messages', tenant.apiKey, { ...message, client_reference: reference }),
        ask('POST', '/v1/messages', cold.apiKey, message),
        ask('POST', '/v1/messages/batch', tenant.apiKey, { messages: [message, message] }),
        ask('GET', '/v1/messages', cold.apiKey),
        ask('GET', `/v1/messages/${id}`, tenant.apiKey),
        ask('GET', '/v1/accounts', tenant.apiKey),
        ask('GET', '/v1/messages', makeApiKey()),
        ask('PATCH', `/admin/tenants/${cold.id}`, adminToken, { name: reference }),
      );
      await pause(200);
    }
    const answers = await Promise.all(asked);
    lag.disable();
    const boundMs = longestMs + lag.max / 1e6;
    expect(
      answers.filter(({ status, retryAfter }) => status !== 503 || retryAfter === null),
    ).toEqual([]);
    const [slowest] = answers.toSorted((a, b) => b.tookMs - a.tookMs);
    expect(`${slowest!.what} ${slowest!.tookMs < boundMs ? 'in time' : slowest!.tookMs}`).toContain(
      'in time',
    );
    proxy.mend();
    const sends = answers.filter(({ what }) => what === 'POST /v1/messages');
    expect(
      sends.filter(({ body }) => body.code === 'outcome_unknown' && body.id === undefined),
    ).toEqual([]);
    // Nothing of what is said not to be done is done, now or later.
    const undone = sends
      .filter((_, index) => index % 2 === 0)
      .flatMap(({ body }, wave) =>
        body.code === 'outcome_unknown' ? [] : [references[wave] as string],
      );
    await eventually(
      async () => (await ask('POST', '/v1/messages', tenant.apiKey, message)).status === 202,
    );
    await pause(500);
    expect(undone.length).toBeGreaterThan(0);
    expect(
      await database.query('select id from messages where client_reference = any ($1)', [undone]),
    ).toEqual([]);
    const renamed = await database.query<{ name: string }>(
      `select name from tenants where name like 'wave-%'`,
    );
    const unknown = answers.filter(
      ({ what, body }) => what.startsWith('PATCH') && body.code === 'outcome_unknown',
    );
    expect(renamed.length).toBeLessThanOrEqual(unknown.length);
  }, 60_000);
});

describe('a COMMIT whose answer is lost', () => {
  it.each([
    ['PATCH', () => `/admin/tenants/${tenant.id}`, () => adminToken, { name: 'Renamed' }],
    ['POST', () => `/v1/accounts/${tenant.accountId}/pause`, () => tenant.apiKey, { reason: 'x' }],
  ])('leaves an edit unknown, and says so: %s', async (method, path, token, body) => {
    // The look-ups before it are fresh in memory: only the edit commits.
    await ask('GET', '/v1/accounts', tenant.apiKey);
    proxy.cutAfterCommit(1, 'the control plane');
    const answer = await ask(method, path(), token(), body);
    expect([answer.status, answer.body.code]).toEqual([503, 'outcome_unknown']);
    const [state] = await database.query<{ name: string; reason: string | null }>(
      'select t.name, l.pause_reason as reason from tenants t join lanes l on l.tenant_id = t.id',
    );
    expect([state?.name, state?.reason]).toContain(Object.values(body)[0]);
  });

  it('of a reading leaves nothing unknown', async () => {
    await ask('GET', '/v1/accounts', tenant.apiKey);
    proxy.cutAfterCommit(1, 'the control plane');
    const answer = await ask('GET', `/admin/tenants/${tenant.id}`, adminToken);
    expect([answer.status, answer.body.code]).toEqual([503, 'database_unavailable']);
  });
});

describe('an edit', () => {
  it.each([
    ['PATCH', () => `/v1/accounts/${tenant.accountId}`, () => tenant.apiKey, { name: 'Other' }],
    ['POST', () => `/v1/accounts/${tenant.accountId}/pause`, () => tenant.apiKey, {}],
    ['POST', () => `/v1/accounts/${tenant.accountId}/resume`, () => tenant.apiKey, undefined],
    ['POST', () => `/admin/lanes/${tenant.accountId}/pause`, () => adminToken, {}],
    ['POST', () => `/admin/lanes/${tenant.accountId}/resume`, () => adminToken, undefined],
    ['POST', () => `/admin/tenants/${tenant.id}/suspend`, () => adminToken, undefined],
    ['POST', () => `/admin/tenants/${tenant.id}/resume`, () => adminToken, undefined],
  ])('needs nothing of the database after its COMMIT: %s %s', async (method, path, token, body) => {
    await ask('GET', '/v1/accounts', tenant.apiKey);
    statements.length = 0;
    expect((await ask(method, path(), token(), body)).status).toBe(200);
    const after = statements.slice(statements.indexOf('COMMIT') + 1);
    expect(statements).toContain('COMMIT');
    expect(after.filter((text) => /accounts|lanes|api_keys/.test(text))).toEqual([]);
  });

  it('of messages reads what stands under lost keys before its COMMIT', async () => {
    const body = { messages: [{ ...message, idempotency_key: 'k' }, message] };
    await ask('POST', '/v1/messages/batch', tenant.apiKey, body);
    statements.length = 0;
    expect((await ask('POST', '/v1/messages/batch', tenant.apiKey, body)).status).toBe(202);
    const looked = statements.findIndex((text) => text.includes('What stands under'));
    expect(looked).toBeGreaterThanOrEqual(0);
    expect(statements.slice(looked)).toContain('commit');
  });
});
