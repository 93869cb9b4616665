import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createSandbox, type Sandbox } from '../../apps/sandbox/src/sandbox.js';
import { adminToken } from '../support/configuration.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import {
  call,
  createTenant,
  eventually,
  startGateway,
  type TestGateway,
  type TestTenant,
} from '../support/gateway.js';

interface Problem {
  readonly status: number;
  readonly code: string;
  readonly errors?: readonly { readonly pointer: string; readonly code: string }[];
}

let database: TestDatabase;
let sandbox: Sandbox;
let gateway: TestGateway;
let tenant: TestTenant;

const good = { recipient: '+380671234567', text: 'Hello' };

beforeAll(async () => {
  database = await createTestDatabase();
  sandbox = await createSandbox({ port: 0, deliveryMs: 50 });
  gateway = await startGateway({ database, providerUrl: sandbox.url });
  tenant = await createTenant(gateway);
}, 60_000);

afterAll(async () => {
  await gateway?.close();
  await sandbox?.close();
  await database?.drop();
});

async function send(
  body: string | Buffer,
  headers: Record<string, string> = {},
  path = '/v1/messages',
) {
  const response = await fetch(gateway.url + path, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${tenant.apiKey}`,
      'content-type': 'application/json',
      ...headers,
    },
    body,
  });
  const text = await response.text();
  return { response, text, problem: (text ? JSON.parse(text) : {}) as Problem };
}

async function countMessages(): Promise<number> {
  const [row] = await database.query<{ count: number }>(
    'select count(*)::int as count from messages',
  );
  return row?.count ?? -1;
}

function pointersOf(problem: Problem): string[] {
  return (problem.errors ?? []).map((error) => error.pointer);
}

/** Any pointers where none is expected in particular. */
function containing(pointer: string | null): unknown {
  return expect.arrayContaining(pointer === null ? [] : [pointer]);
}

function hoursAhead(hours: number): string {
  return new Date(Date.now() + hours * 3_600_000).toISOString();
}

describe('a refused message', () => {
  let before: number;
  beforeEach(async () => {
    before = await countMessages();
  });

  const bodies: [
    name: string,
    body: unknown,
    status: number,
    code: string,
    pointer: string | null,
  ][] = [
    ['an unknown field', { ...good, colour: 'red' }, 400, 'invalid_request', '/colour'],
    ['a wrong type', { ...good, text: 5 }, 400, 'invalid_request', '/text'],
    ['no recipient', { text: 'Hello' }, 400, 'invalid_request', '/recipient'],
    [
      'a recipient of letters',
      { ...good, recipient: 'my phone' },
      400,
      'invalid_request',
      '/recipient',
    ],
    [
      'a button without URL',
      { ...good, image_url: 'https://e.com/a.png', button: { caption: 'Go' } },
      400,
      'invalid_request',
      '/button/url',
    ],
    [
      'an image under type 106',
      {
        ...good,
        category: 'promotional',
        provider_message_type: 106,
        image_url: 'https://e.com/a.png',
        button: { caption: 'Go', url: 'https://e.com' },
      },
      422,
      'content_not_allowed',
      '/image_url',
    ],
    [
      'a transactional one with an image',
      {
        ...good,
        category: 'transactional',
        image_url: 'https://e.com/a.png',
        button: { caption: 'Go', url: 'https://e.com' },
      },
      422,
      'content_not_allowed',
      '/image_url',
    ],
    ['1,001 code points', { ...good, text: '😀'.repeat(1_001) }, 400, 'invalid_request', '/text'],
    [
      'a validity below 40 s',
      { ...good, validity_seconds: 39 },
      400,
      'invalid_request',
      '/validity_seconds',
    ],
    ['a time in the past', { ...good, send_at: hoursAhead(-1) }, 422, 'send_at_past', '/send_at'],
    [
      'a time beyond 30 days',
      { ...good, send_at: hoursAhead(31 * 24) },
      422,
      'send_at_too_far',
      '/send_at',
    ],
    [
      'a time without an offset',
      { ...good, send_at: '2030-01-01T12:00:00' },
      400,
      'invalid_request',
      '/send_at',
    ],
    [
      'an account of nobody',
      { ...good, account_id: 'acc_01h455vb4pex5vsknk084sn02q' },
      422,
      'account_unknown',
      '/account_id',
    ],
    [
      'metadata of 21 keys',
      {
        ...good,
        metadata: Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`k${i}`, 'v'])),
      },
      400,
      'invalid_request',
      '/metadata',
    ],
  ];
  it.each(bodies)('with %s', async (_name, body, status, code, pointer) => {
    const { response, problem } = await send(JSON.stringify(body));
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect([response.status, problem.status, problem.code]).toEqual([status, status, code]);
    expect(pointersOf(problem)).toEqual(containing(pointer));
    expect(await countMessages()).toBe(before);
  });

  const raws: [
    name: string,
    body: string | Buffer,
    status: number,
    code: string,
    pointer: string | null,
  ][] = [
    ['broken JSON', '{"recipient": ', 400, 'malformed_json', null],
    [
      'no UTF-8',
      Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
      400,
      'malformed_json',
      null,
    ],
    [
      'NUL in a text',
      '{"recipient":"+380671234567","text":"a\\u0000b"}',
      400,
      'invalid_characters',
      '/text',
    ],
    [
      'a lone surrogate',
      '{"recipient":"+380671234567","text":"a\\ud800b"}',
      400,
      'invalid_characters',
      '/text',
    ],
    [
      'duplicate keys',
      '{"recipient":"+380671234567","text":"a","text":"b"}',
      400,
      'duplicate_json_key',
      '/text',
    ],
    [
      'a million levels',
      `{"recipient":"+380671234567","metadata":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
      400,
      'json_too_deep',
      null,
    ],
    [
      '9 MiB',
      JSON.stringify({ ...good, text: 'x'.repeat(9 * 1_048_576) }),
      413,
      'request_too_large',
      null,
    ],
  ];
  it.each(raws)('with %s', async (_name, body, status, code, pointer) => {
    const { response, problem } = await send(body);
    expect([response.status, problem.code]).toEqual([status, code]);
    expect(pointersOf(problem)).toEqual(containing(pointer));
    expect(await countMessages()).toBe(before);
  });

  it('in a batch of 9 MiB', async () => {
    const body = JSON.stringify({ messages: [{ ...good, text: 'x'.repeat(9 * 1_048_576) }] });
    const { response, problem } = await send(body, {}, '/v1/messages/batch');
    expect([response.status, problem.code]).toEqual([413, 'request_too_large']);
    expect(await countMessages()).toBe(before);
  });

  it('of another content type is refused', async () => {
    const { response, problem } = await send('recipient=1', {
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect([response.status, problem.code]).toEqual([415, 'unsupported_media_type']);
  });

  it('with an idempotency key of 256 characters', async () => {
    const { response, problem } = await send(JSON.stringify(good), {
      'idempotency-key': 'k'.repeat(256),
    });
    expect([response.status, problem.code]).toEqual([400, 'invalid_idempotency_key']);
  });

  it('under a used idempotency key with another body', async () => {
    await send(JSON.stringify(good), { 'idempotency-key': 'once' });
    const { response, problem } = await send(JSON.stringify({ ...good, text: 'Other' }), {
      'idempotency-key': 'once',
    });
    expect([response.status, problem.code]).toEqual([422, 'idempotency_key_reused']);
    expect(pointersOf(problem)).toEqual(['/Idempotency-Key']);
  });
});

describe('other bad requests', () => {
  const get = async (path: string, token = tenant.apiKey) => {
    const response = await fetch(gateway.url + path, {
      headers: { authorization: `Bearer ${token}` },
    });
    return { response, text: await response.text() };
  };

  const lists = [
    '/v1/messages',
    '/v1/inbound-messages',
    '/v1/api-keys',
    '/v1/accounts',
    '/v1/audit-log',
    '/admin/tenants',
    '/admin/audit-log',
    '/admin/lanes',
  ];
  const tokenFor = (path: string) => (path.startsWith('/admin') ? adminToken : tenant.apiKey);

  it.each(lists)('an unreadable cursor is named: %s', async (path) => {
    const { response, text } = await get(`${path}?cursor=nonsense`, tokenFor(path));
    expect(response.status).toBe(400);
    expect(JSON.parse(text)).toMatchObject({
      code: 'invalid_cursor',
      errors: [{ pointer: '/cursor' }],
    });
  });

  it.each(lists)('a query parameter that nobody knows, whatever its name: %s', async (path) => {
    for (const name of ['x', '__proto__', 'constructor', 'toString']) {
      const { response, text } = await get(`${path}?${name}=1`, tokenFor(path));
      expect([name, response.status, JSON.parse(text)]).toMatchObject([
        name,
        400,
        { code: 'invalid_request', errors: [{ pointer: `/${name}`, code: 'unknown_field' }] },
      ]);
    }
  });

  it.each([
    ['/admin/tenants?external_id=%00', '/external_id'],
    ['/admin/tenants?cursor=a%00', '/cursor'],
    ['/v1/messages?client_reference=a%00b', '/client_reference'],
    ['/v1/messages?status=sent,%00', '/status'],
    ['/v1/messages?a%00b=1', '/a\u0000b'],
  ])('a NUL in a query: %s', async (path, pointer) => {
    const { response, text } = await get(path, tokenFor(path));
    expect([response.status, JSON.parse(text)]).toMatchObject([
      400,
      { code: 'invalid_characters', errors: [{ pointer }] },
    ]);
  });

  it.each([
    '/v1/messages/a%00',
    '/v1/accounts/%00',
    '/v1/api-keys/%00',
    '/admin/tenants/%00',
    '/admin/lanes/%00',
  ])('a NUL in a path is an id of nothing: %s', async (path) => {
    const { response, text } = await get(path, tokenFor(path));
    expect([response.status, JSON.parse(text)]).toMatchObject([404, { code: 'not_found' }]);
  });

  it('a query or a body where none is asked for', async () => {
    const message = await call<{ id: string }>(gateway, 'POST', '/v1/messages', {
      token: tenant.apiKey,
      body: { ...good, send_at: hoursAhead(1) },
      expect: 202,
    });
    for (const path of [`/v1/messages/${message.id}`, `/admin/tenants/${tenant.id}`]) {
      const { response, text } = await get(`${path}?x=1`, tokenFor(path));
      expect([response.status, pointersOf(JSON.parse(text) as Problem)]).toEqual([400, ['/x']]);
    }
    for (const path of [
      `/v1/accounts/${tenant.accountId}/resume`,
      `/admin/tenants/${tenant.id}/resume`,
      `/admin/tenants/${tenant.id}/suspend`,
      `/admin/lanes/${tenant.accountId}/resume`,
      `/v1/api-keys/key_01h455vb4pex5vsknk084sn02q/revoke`,
      `/v1/messages/${message.id}/cancel`,
    ]) {
      const token = tokenFor(path);
      const refused = await call<Problem>(gateway, 'POST', path, { token, body: { x: 1 } });
      expect([path, refused.code, pointersOf(refused)]).toEqual([path, 'invalid_request', ['/x']]);
    }
    // Clients that declare JSON on every call send an empty object.
    await call(gateway, 'POST', `/v1/messages/${message.id}/cancel`, {
      token: tenant.apiKey,
      body: {},
      expect: 200,
    });
    expect((await fetch(`${gateway.url}/health/live?probe=1`)).status).toBe(200);
  });

  it('a foreign, an absent and a malformed message answer alike to the byte', async () => {
    const other = await createTenant(gateway, {}, 'Other');
    const foreign = await call<{ id: string }>(gateway, 'POST', '/v1/messages', {
      token: other.apiKey,
      body: good,
      expect: 202,
    });
    const answers = await Promise.all(
      [foreign.id, 'msg_01h455vb4pex5vsknk084sn02q', 'nonsense'].map((id) =>
        get(`/v1/messages/${id}`),
      ),
    );
    expect(new Set(answers.map(({ response, text }) => `${response.status} ${text}`)).size).toBe(1);
    expect(answers[0]?.response.status).toBe(404);
  });

  it('a path that does not exist, and a method that it does not take', async () => {
    expect(JSON.parse((await get('/v1/nothing')).text)).toMatchObject({
      status: 404,
      code: 'no_such_route',
    });
    const response = await fetch(`${gateway.url}/v1/messages`, { method: 'DELETE' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toContain('POST');
  });

  it('nobody signed in, a revoked key and a scope that is missing', async () => {
    expect(JSON.parse((await get('/v1/messages', 'nonsense')).text)).toMatchObject({
      code: 'unauthenticated',
    });
    const reader = await call<{ id: string; api_key: string }>(gateway, 'POST', '/v1/api-keys', {
      token: tenant.apiKey,
      body: { name: 'Reader', scopes: ['messages:read'] },
      expect: 201,
    });
    const refused = await call<Problem>(gateway, 'POST', '/v1/messages', {
      token: reader.api_key,
      body: good,
      expect: 403,
    });
    expect(refused.code).toBe('insufficient_scope');
    await call(gateway, 'POST', `/v1/api-keys/${reader.id}/revoke`, { token: tenant.apiKey });
    await eventually(
      async () => (await get('/v1/messages', reader.api_key)).response.status === 401,
      { withinMs: 5_000 },
    );
    expect(JSON.parse((await get('/v1/messages', reader.api_key)).text)).toMatchObject({
      code: 'api_key_revoked',
    });
  });
});

describe('what is not refused', () => {
  it('a batch with bad items accepts the good ones', async () => {
    const result = await call<{
      accepted: number;
      refused: number;
      results: { index: number; id?: string; error?: Problem }[];
    }>(gateway, 'POST', '/v1/messages/batch', {
      token: tenant.apiKey,
      body: { messages: [good, { ...good, text: '' }, { ...good, recipient: 'x' }, good] },
      expect: 202,
    });
    expect(result).toMatchObject({ accepted: 2, refused: 2 });
    expect(result.results.map((item) => item.id !== undefined)).toEqual([true, false, false, true]);
  });

  it('a message to a paused account that rejects is refused with the reason, and taken again once it is resumed', async () => {
    const rejecting = await createTenant(gateway, { when_paused: 'reject' }, 'Rejecting');
    const as = async (method: string, path: string, body?: unknown, key?: string) => {
      const response = await fetch(gateway.url + path, {
        method,
        headers: {
          authorization: `Bearer ${rejecting.apiKey}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(key === undefined ? {} : { 'idempotency-key': key }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    };
    const first = await as('POST', '/v1/messages', good, 'before');
    expect(first.status).toBe(202);
    await as('POST', `/v1/accounts/${rejecting.accountId}/pause`, { reason: 'under review' });
    expect(await as('POST', '/v1/messages', good)).toMatchObject({
      status: 409,
      body: {
        code: 'account_paused',
        detail: 'The account is paused by the tenant.',
        errors: [{ pointer: '/account_id', code: 'account_paused' }],
      },
    });
    expect(await as('POST', '/v1/messages', good, 'before')).toMatchObject({
      status: 202,
      body: { id: first.body['id'] },
    });
    expect(await as('POST', '/v1/messages/batch', { messages: [good] })).toMatchObject({
      status: 202,
      body: { accepted: 0, refused: 1, results: [{ index: 0, error: { code: 'account_paused' } }] },
    });
    await as('POST', `/v1/accounts/${rejecting.accountId}/resume`);
    expect((await as('POST', '/v1/messages', good)).status).toBe(202);

    // The provider's own word, as another replica or the dispatcher learned it.
    await fetch(`${sandbox.url}/sandbox/keys/key-${rejecting.id}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ balance: 0 }),
    });
    const refused = await eventually(async () => {
      const answer = await as('POST', '/v1/messages', good);
      return answer.status === 202 ? null : answer;
    });
    expect(refused).toMatchObject({
      status: 409,
      body: { detail: 'The account is paused by the provider: balance_empty.' },
    });
    const changed = await as('PATCH', `/v1/accounts/${rejecting.accountId}`, {
      when_paused: 'hold',
    });
    expect(changed.body['when_paused']).toBe('hold');
    expect((await as('POST', '/v1/messages', good)).status).toBe(202);
  });

  it('a message to a paused account is held, and goes out when it is resumed', async () => {
    const paused = await createTenant(gateway, {}, 'Paused');
    await call(gateway, 'POST', `/v1/accounts/${paused.accountId}/pause`, {
      token: paused.apiKey,
      body: {},
    });
    const message = await call<{ id: string }>(gateway, 'POST', '/v1/messages', {
      token: paused.apiKey,
      body: good,
      expect: 202,
    });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const read = () =>
      call<{ status: string }>(gateway, 'GET', `/v1/messages/${message.id}`, {
        token: paused.apiKey,
      });
    expect((await read()).status).toBe('queued');
    await call(gateway, 'POST', `/v1/accounts/${paused.accountId}/resume`, {
      token: paused.apiKey,
    });
    await eventually(async () => (await read()).status === 'delivered');
  });

  it('a suspended tenant may read, and sends again once it is resumed', async () => {
    const suspended = await createTenant(gateway, {}, 'Suspended');
    await call(gateway, 'POST', `/admin/tenants/${suspended.id}/suspend`, { token: adminToken });
    const post = () =>
      call<Problem>(gateway, 'POST', '/v1/messages', { token: suspended.apiKey, body: good });
    await eventually(async () => (await post()).code === 'tenant_suspended', { withinMs: 5_000 });
    await call(gateway, 'POST', `/admin/tenants/${suspended.id}/resume`, { token: adminToken });
    await eventually(async () => (await post()).code === undefined, { withinMs: 5_000 });
  });
});

describe('the documented sample of the provider', () => {
  it('arrives field by field', async () => {
    await call(gateway, 'POST', '/v1/messages', {
      token: tenant.apiKey,
      body: {
        sender: 'Custom Company',
        recipient: 8882222200,
        text: 'Message content',
        image_url: 'https://yourdomain.com/images/image.jpg',
        button: { caption: 'Join Us', url: 'https://yourdomain.com/join-us' },
        category: 'promotional',
        validity_seconds: 3_600,
      },
      expect: 202,
    });
    const sent = await eventually(async () =>
      sandbox.journal.entries({ kind: 'send', recipient: '8882222200', limit: 1 }).at(0),
    );
    const { validity_period: validity, ...body } = sent.body as { validity_period: number };
    expect(body).toEqual({
      source_addr: 'Custom Company',
      destination_addr: '8882222200',
      message_type: 108,
      text: 'Message content',
      image: 'https://yourdomain.com/images/image.jpg',
      button_caption: 'Join Us',
      button_action: 'https://yourdomain.com/join-us',
      source_type: 1,
      callback_url: expect.stringContaining(`${gateway.url}/callbacks/viber/s/`),
    });
    // What was left of it when it went out.
    expect(validity).toBeGreaterThanOrEqual(3_590);
    expect(validity).toBeLessThanOrEqual(3_600);
  });
});
