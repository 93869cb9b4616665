import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { BadRequestException, ForbiddenException, NotFoundException } from '@nestjs/common';
import { connect } from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { QueueFull } from '../database/index.js';
import { Drain } from '../lifecycle/index.js';
import { startApp, thrown, type RunningApp } from './http-app.fixture.js';

const json = { 'content-type': 'application/json' };

describe('the HTTP application', () => {
  let running: RunningApp;
  let logged: number;
  beforeAll(async () => {
    running = await startApp({ LIMIT_BODY_BYTES: '2048', LIMIT_BATCH_BODY_BYTES: '8192' });
  });
  beforeEach(() => {
    logged = running.lines().length;
  });
  afterAll(() => running.app.close());

  const linesSince = () => running.lines().slice(logged);
  const send = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(running.url + path, init);
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: text === '' ? null : JSON.parse(text),
    };
  };
  const post = (path: string, body: unknown, headers: Record<string, string> = json) =>
    send(path, {
      method: 'POST',
      headers,
      body: (typeof body === 'string' || Buffer.isBuffer(body)
        ? body
        : JSON.stringify(body)) as string,
    });

  it('gives the handler its DTO and leaves the parsed body for hashing', async () => {
    const { status, body } = await post('/things', { name: 'a', parts: [{ name: 'b' }] });
    expect(status).toBe(200);
    expect(body).toEqual({
      thing: { name: 'a', parts: [{ name: 'b' }] },
      body: { name: 'a', parts: [{ name: 'b' }] },
      isThing: true,
    });
  });

  describe('problem+json', () => {
    it('answers a foreign and an absent object with the same bytes, the request id in a header', async () => {
      const [a, b] = await Promise.all([send('/things/absent'), send('/things/absent')]);
      expect(a.status).toBe(404);
      expect(a.text).toBe(b.text);
      expect(a.headers.get('content-type')).toBe('application/problem+json');
      expect(a.headers.get('x-request-id')).not.toBe(b.headers.get('x-request-id'));
      expect(a.body).toEqual({
        type: 'urn:tyrian:problem:not_found',
        title: 'Not found',
        status: 404,
        code: 'not_found',
        detail: 'There is no such object.',
      });
    });

    it('tells an unknown path from a known one with another method', async () => {
      const unknown = await send('/nowhere?x=1');
      expect([unknown.status, unknown.body.code]).toEqual([404, 'no_such_route']);
      const known = await send('/things?limit=1', { method: 'DELETE' });
      expect([known.status, known.body.code]).toEqual([405, 'method_not_allowed']);
      expect(known.headers.get('allow')).toBe('GET, HEAD, POST');
      expect((await send('/things/1', { method: 'PUT' })).headers.get('allow')).toBe('GET, HEAD');
      expect((await send('/things/batch', { method: 'PUT' })).headers.get('allow')).toBe(
        'GET, HEAD, POST',
      );
    });

    it('does not blame the method where the route took it', async () => {
      thrown.error = new NotFoundException('/etc/secret');
      const answer = await send('/things/failing');
      expect([answer.status, answer.body.code]).toEqual([404, 'no_such_route']);
      expect(answer.text).not.toContain('secret');
    });

    it.each([
      ['{"name":', 'malformed_json', undefined],
      ['{"name":"a","name":"b"}', 'duplicate_json_key', '/name'],
      ['{"name":"a\\u0000"}', 'invalid_characters', '/name'],
      ['{"name":"\\ud800"}', 'invalid_characters', '/name'],
      ['{"count":9007199254740993}', 'number_not_exact', '/count'],
      ['{"a":'.repeat(20) + '1' + '}'.repeat(20), 'json_too_deep', undefined],
      [Buffer.from([0x22, 0xff, 0x22]), 'malformed_json', undefined],
    ])('refuses the body %s as %s', async (body, code, pointer) => {
      const answer = await post('/things', body);
      expect([answer.status, answer.body.code]).toEqual([400, code]);
      expect(answer.body.errors?.[0].pointer).toBe(pointer);
    });

    it('refuses other types, charsets and compressed bodies', async () => {
      const statuses = [
        await post('/things', 'a=1', { 'content-type': 'application/x-www-form-urlencoded' }),
        await post('/things', '{}', { 'content-type': 'text/plain' }),
        await post('/things', '{}', { 'content-type': 'nonsense' }),
        await post('/things', '{}', { 'content-type': 'application/json; charset=utf-16' }),
        await post('/things', gzipSync('{}'), { ...json, 'content-encoding': 'gzip' }),
        await send('/things', { method: 'POST', body: Buffer.from('{}') }),
      ].map(({ status, body }) => `${status} ${body.code}`);
      expect(new Set(statuses)).toEqual(new Set(['415 unsupported_media_type']));
      const utf8 = await post('/things', '{"name":"a"}', {
        'content-type': 'application/json; charset=UTF-8',
      });
      expect(utf8.status).toBe(200);
    });

    it('refuses a body beyond the limit of its route, said or counted', async () => {
      const long = (bytes: number) => JSON.stringify({ name: 'x'.repeat(bytes) });
      expect((await post('/things', long(3_000))).body.code).toBe('request_too_large');
      expect((await post('/things/batch', long(3_000))).status).toBe(201);
      expect((await post('/things/batch', long(9_000))).status).toBe(413);
      const chunks = new ReadableStream({
        start(controller) {
          for (let i = 0; i < 4; i++) controller.enqueue(Buffer.alloc(1_000, 0x20));
          controller.close();
        },
      });
      const streamed = await send('/things', {
        method: 'POST',
        headers: json,
        body: chunks,
        duplex: 'half',
      });
      expect(streamed.status).toBe(413);
    });

    it('refuses paths that cannot be read, or are longer than any id', async () => {
      const unreadable = await send('/things/%zz');
      expect([unreadable.status, unreadable.body.code]).toEqual([400, 'malformed_http']);
      expect(unreadable.headers.get('x-request-id')).toBeTruthy();
      const long = await send(`/things/${'x'.repeat(600)}`);
      expect([long.status, long.body.code]).toEqual([414, 'uri_too_long']);
    });

    it('uses only the status of Nest’s own exceptions', async () => {
      thrown.error = new BadRequestException('secret');
      expect((await send('/things/failing')).body).toMatchObject({
        status: 400,
        code: 'invalid_request',
      });
      thrown.error = new ForbiddenException('secret');
      const answer = await send('/things/failing');
      expect(answer.body).toMatchObject({ status: 403, code: 'forbidden' });
      expect(answer.text).not.toContain('secret');
    });

    it('says nothing about a fault of ours but in the log, once, with its stack', async () => {
      thrown.error = new TypeError('secret of the gateway');
      const answer = await send('/things/failing', { headers: { 'x-request-id': 'request-1234' } });
      expect(answer.body).toMatchObject({ status: 500, code: 'internal_error' });
      expect(answer.text).not.toContain('secret');
      const errors = linesSince().filter(({ level }) => level === 'error');
      expect(errors).toMatchObject([
        {
          requestId: 'request-1234',
          err: { type: 'TypeError', stack: expect.stringContaining('http-app.spec') },
        },
      ]);
    });

    it.each([
      ['a refused connection', Object.assign(new Error('x'), { code: 'ECONNREFUSED' })],
      ['a server that shuts down', Object.assign(new Error('x'), { code: '57P01' })],
      ['a pool without a free connection', new Error('timeout exceeded when trying to connect')],
      ['a statement that took too long', Object.assign(new Error('x'), { code: '57014' })],
    ])('answers 503 with Retry-After to %s', async (_, error) => {
      thrown.error = error;
      const answer = await send('/things/failing');
      expect([answer.status, answer.body.code]).toEqual([503, 'database_unavailable']);
      expect(answer.headers.get('retry-after')).toBe('1');
    });

    it('answers 503 with Retry-After when too much waits', async () => {
      thrown.error = new QueueFull();
      const answer = await send('/things/failing');
      expect([answer.status, answer.body.code]).toEqual([503, 'overloaded']);
      expect(answer.headers.get('retry-after')).toBe('1');
    });
  });

  describe('validation', () => {
    const errorsOf = async (body: unknown) => (await post('/things', body)).body.errors;

    it('names every wrong field by its pointer and a stable code', async () => {
      const errors = await errorsOf({
        name: 7,
        extra: 1,
        count: '1',
        parts: [{ name: 'ok' }, { name: 'too long', mark: 'y' }, { 'a/b': 1 }],
        part: 'text',
      });
      expect(
        errors
          .map(({ pointer, code }: { pointer: string; code: string }) => `${pointer} ${code}`)
          .sort(),
      ).toEqual([
        '/count invalid_type',
        '/extra unknown_field',
        '/name invalid_type',
        '/part invalid_type',
        '/parts/1/mark no_x',
        '/parts/1/name too_long',
        '/parts/2/a~1b unknown_field',
        '/parts/2/name required',
      ]);
      expect(errors.every(({ detail }: { detail: string }) => detail.endsWith('.'))).toBe(true);
    });

    it.each([
      ['[]', 'invalid_type'],
      ['[{"name":"a"}]', 'invalid_type'],
      ['null', 'invalid_type'],
      ['"a"', 'invalid_type'],
      ['', 'required'],
    ])('refuses the body %j', async (body, code) => {
      expect(await errorsOf(body)).toMatchObject([{ pointer: '', code }]);
    });

    it('refuses keys that would change the object', async () => {
      for (const key of ['__proto__', 'constructor']) {
        const answer = await post('/things', `{"name":"a","${key}":{"name":"b"}}`);
        expect([answer.status, answer.body.errors[0].pointer]).toEqual([400, `/${key}`]);
      }
    });

    it('names at most fifty fields', async () => {
      const parts = Array.from({ length: 200 }, () => ({}));
      expect(await errorsOf({ name: 'a', parts })).toHaveLength(50);
    });

    it('converts queries where their DTO says so, and nothing else', async () => {
      const { body } = await send('/things?limit=50&is_final=false&status=a,b&status=c');
      expect(body).toEqual({ limit: 50, is_final: false, status: ['a', 'b', 'c'] });
      const refused = await send('/things?limit=&is_final=1&unknown=1');
      expect(
        refused.body.errors
          .map((e: { pointer: string; code: string }) => `${e.pointer} ${e.code}`)
          .sort(),
      ).toEqual(['/is_final invalid_type', '/limit invalid_type', '/unknown unknown_field']);
    });
  });

  describe('input that no handler asked for', () => {
    it.each([
      ['a query', '/things/1?x=1', {}],
      ['a body', '/things/cancel', { method: 'POST', headers: json, body: '{"x":1}' }],
    ])('is refused with its place: %s', async (_what, path, init) => {
      const { status, body } = await send(path, init);
      expect([status, body.errors]).toEqual([
        400,
        [{ pointer: '/x', code: 'unknown_field', detail: 'There is no field "x".' }],
      ]);
    });

    it.each([['[1]'], ['"text"']])('is refused where it is no object: %s', async (body) => {
      const answer = await send('/things/cancel', { method: 'POST', headers: json, body });
      expect([answer.status, answer.body.errors[0].code]).toEqual([400, 'invalid_type']);
    });

    it.each([['{}'], ['null'], ['']])('is nothing where it holds nothing: %s', async (body) => {
      const { status } = await send('/things/cancel', { method: 'POST', headers: json, body });
      expect(status).toBe(200);
    });

    it('is refused in a list under a name that each object has', async () => {
      const { status, body } = await send('/things?constructor=1&limit=5');
      expect([status, body.errors[0].pointer]).toEqual([400, '/constructor']);
    });
  });

  it('refuses what cannot be stored in a query, and finds nothing under such an id', async () => {
    const query = await send('/things?status=a%00b');
    expect([query.status, query.body.code]).toEqual([400, 'invalid_characters']);
    expect(query.body.errors[0].pointer).toBe('/status');
    const path = await send('/things/a%00b');
    expect([path.status, path.body.code]).toEqual([404, 'not_found']);
  });

  describe('raw bodies', () => {
    it.each([
      ['application/json', '{"a":1,"a":2,}'],
      ['application/x-www-form-urlencoded', 'a=1'],
      ['text/plain; charset=utf-16', 'text'],
      ['nonsense', 'x'],
      [undefined, 'bytes'],
    ])('reach the handler untouched as %s', async (type, text) => {
      const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
      const { status, body } = await post('/things/raw', Buffer.from(text), headers);
      expect([status, body]).toEqual([200, { isBuffer: true, text }]);
    });

    it('have their own limit', async () => {
      expect((await post('/things/raw', Buffer.alloc(65_536), {})).status).toBe(200);
      expect((await post('/things/raw', Buffer.alloc(65_537), {})).status).toBe(413);
    });
  });

  it('takes a call without a body, declared as JSON or not', async () => {
    expect((await post('/things/cancel', '')).body).toEqual({ cancelled: true });
    expect((await send('/things/cancel', { method: 'POST' })).body).toEqual({ cancelled: true });
  });

  describe('request ids and log lines', () => {
    it('keeps the id of a proxy, and no noise', async () => {
      const withId = (id: string) => send('/things/1', { headers: { 'x-request-id': id } });
      expect((await withId('trace-0123.abc')).headers.get('x-request-id')).toBe('trace-0123.abc');
      for (const noise of ['short', 'with blank in it', 'x'.repeat(65)]) {
        expect((await withId(noise)).headers.get('x-request-id')).not.toBe(noise);
      }
    });

    it('logs the pattern of the route, not the URL', async () => {
      await send('/things/380501234567');
      await send('/things/380501234567?secret=1');
      await send('/nowhere/380501234567');
      await sleep(20);
      const lines = linesSince();
      expect(lines).toMatchObject([
        { level: 'info', method: 'GET', route: '/things/:id', status: 200, tenantId: 'ten_1' },
        { level: 'info', method: 'GET', route: '/things/:id', status: 400 },
        { level: 'info', method: 'GET', route: null, status: 404 },
      ]);
      expect(lines[0]).toMatchObject({
        requestId: expect.any(String),
        durationMs: expect.any(Number),
      });
      expect(JSON.stringify(lines)).not.toMatch(/38050|secret/);
    });

    it('does not believe X-Forwarded-For of just anybody', async () => {
      const { body } = await send('/things/1', { headers: { 'x-forwarded-for': '203.0.113.9' } });
      expect(body.ip).toBe('127.0.0.1');
    });
  });

  it('takes a client that leaves within its body for no error', async () => {
    const socket = connect(running.port, '127.0.0.1');
    socket.write(
      'POST /things HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"na',
    );
    await sleep(50);
    socket.destroy();
    await sleep(50);
    expect(linesSince().filter(({ level }) => level === 'error')).toEqual([]);
    expect((await send('/things/1')).status).toBe(200);
  });
});

describe('the HTTP application at its limits', () => {
  let running: RunningApp;
  beforeAll(async () => {
    running = await startApp({
      LIMIT_HEADERS_TIMEOUT_MS: '300',
      LIMIT_BODY_TIMEOUT_MS: '900',
      LIMIT_CONNECTIONS: '10',
      TRUSTED_PROXIES: '127.0.0.0/8',
    });
  });
  afterAll(() => running.app.close());

  /** What a client reads that sends these bytes and then waits. */
  async function talk(bytes: string): Promise<string> {
    const socket = connect(running.port, '127.0.0.1');
    const received: Buffer[] = [];
    socket.on('data', (chunk) => received.push(chunk));
    socket.on('error', () => {});
    socket.write(bytes);
    await once(socket, 'close');
    return Buffer.concat(received).toString();
  }

  const headers = 'POST /things HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';

  it.each([
    ['what is no HTTP', 'hello there\r\n\r\n', 400, 'malformed_http'],
    [
      'headers that are too long',
      `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'headers_too_large',
    ],
    ['headers that never end', 'GET / HTTP/1.1\r\nHost: x\r\n', 408, 'request_timeout'],
    ['a body that never ends', `${headers}Content-Length: 99\r\n\r\n{"na`, 408, 'request_timeout'],
  ])('answers %s and hangs up', async (_, bytes, status, code) => {
    const answer = await talk(bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain('Content-Type: application/problem+json');
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))).code).toBe(code);
  });

  it('refuses connections beyond the limit and goes on serving the others', async () => {
    const sockets = Array.from({ length: 10 }, () => connect(running.port, '127.0.0.1'));
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    const refused = connect(running.port, '127.0.0.1');
    refused.on('error', () => {});
    await once(refused, 'close');
    const [first] = sockets;
    first!.write('GET /things/1 HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(String(await once(first!, 'data'))).toMatch(/^HTTP\/1.1 200/);
    for (const socket of sockets) socket.destroy();
    await sleep(50);
  });

  it('believes X-Forwarded-For of a trusted proxy', async () => {
    const response = await fetch(`${running.url}/things/1`, {
      headers: { 'x-forwarded-for': '203.0.113.9' },
    });
    expect(await response.json()).toMatchObject({ ip: '203.0.113.9' });
  });

  it('closes connections once it drains', async () => {
    const keptOpen = await fetch(`${running.url}/things/1`);
    expect(keptOpen.headers.get('connection')).toBe('keep-alive');
    running.app.get(Drain).begin();
    const closed = await fetch(`${running.url}/things/1`);
    expect([closed.status, closed.headers.get('connection')]).toEqual([200, 'close']);
  });
});
