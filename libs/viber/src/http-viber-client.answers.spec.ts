import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  ViberBalanceEmpty,
  ViberOutcomeUnknown,
  ViberRateLimited,
  ViberRefused,
  ViberUnauthorized,
  ViberWrongAddress,
} from './errors.js';
import { HttpViberClient } from './http-viber-client.js';
import { credential, failureOf, pause, textMessage } from './testing/fixtures.js';
import { http, RawProvider } from './testing/raw-provider.js';

let provider: RawProvider;
let client: HttpViberClient;
let answer: string;

beforeAll(async () => {
  provider = await RawProvider.start((socket) => void socket.write(answer));
});

beforeEach(() => {
  client = new HttpViberClient({ baseUrl: provider.baseUrl, timeoutMs: 2_000 });
  provider.requests.length = 0;
});

afterEach(() => client.close());
afterAll(() => provider.stop());

const errorBody = (name: string, code: unknown, status: unknown): string =>
  JSON.stringify({ name, message: 'In words.', code, status });

const rateLimit = errorBody('Too Many Requests', 0, 429);
const invalidText = errorBody('Invalid Parameter: [text]', 1, 400);
const serverError = errorBody('Internal server error', 2, 500);
const balance = errorBody('Topup balance is required', 3, 402);

async function sendError(status: number, body: string, headers: Record<string, string> = {}) {
  answer = http(status, body, headers);
  const error = await failureOf(client.send(credential, textMessage));
  expect(provider.requests).toHaveLength(1);
  return error;
}

describe('send, accepted', () => {
  it.each([
    ['a number', '{"message_id":429}', '429'],
    ['a string of digits', '{"message_id":"429"}', '429'],
    ['an id beyond 2^53', '{"message_id":9007199254740993}', '9007199254740993'],
    ['64 bits', '{"message_id":18446744073709551615}', '18446744073709551615'],
  ])('keeps every digit of %s', async (_what, body, id) => {
    answer = http(200, body);
    const sent = await client.send(credential, textMessage);
    expect(sent).toMatchObject({ messageId: id, httpStatus: 200, rawText: body });
    expect(sent.durationMs).toBeGreaterThanOrEqual(0);
  });

  it('reads comments, trailing commas and a byte order mark, and says that it had to', async () => {
    const body = '\uFEFF{\n  // the id\n  "message_id": 9007199254740993, /* digits */\n}';
    answer = http(200, body);
    expect(await client.send(credential, textMessage)).toMatchObject({
      messageId: '9007199254740993',
      deviations: expect.arrayContaining([
        { kind: 'lenient_json', detail: 'byte_order_mark' },
        { kind: 'lenient_json', detail: 'comment' },
        { kind: 'lenient_json', detail: 'trailing_comma' },
      ]),
    });
  });

  it('reads the body first: an id counts under any HTTP status', async () => {
    for (const status of [201, 404, 500]) {
      answer = http(status, '{"message_id":429}');
      expect((await client.send(credential, textMessage)).messageId).toBe('429');
    }
  });

  it('names the members that nobody has documented, and reads the rate limit headers', async () => {
    answer = http(200, '{"message_id":1,"price":"0.01","__proto__":{"message_id":2}}', {
      'X-Rate-Limit-Limit': '100',
      'X-Rate-Limit-Remaining': '99',
      'X-Rate-Limit-Reset': '1',
    });
    expect(await client.send(credential, textMessage)).toMatchObject({
      messageId: '1',
      deviations: [
        { kind: 'unknown_field', detail: 'price' },
        { kind: 'unknown_field', detail: '__proto__' },
      ],
      rateLimit: { limit: 100, remaining: 99, resetSeconds: 1 },
    });
  });

  it('is not led astray by an informational answer before the real one', async () => {
    answer = `HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n${http(200, '{"message_id":7}')}`;
    expect((await client.send(credential, textMessage)).messageId).toBe('7');
  });
});

describe('send, errors', () => {
  it.each([
    ['under HTTP 200', 200, rateLimit, ViberRateLimited],
    ['under HTTP 200', 200, invalidText, ViberRefused],
    ['under HTTP 200', 200, serverError, ViberOutcomeUnknown],
    ['under HTTP 200', 200, balance, ViberBalanceEmpty],
    ['under its own status', 429, rateLimit, ViberRateLimited],
    ['under its own status', 400, invalidText, ViberRefused],
    ['under its own status', 500, serverError, ViberOutcomeUnknown],
    ['under its own status', 402, balance, ViberBalanceEmpty],
    ['under another status', 404, invalidText, ViberRefused],
    ['under another status', 502, rateLimit, ViberRateLimited],
    ['under another status', 301, balance, ViberBalanceEmpty],
    ['with texts for numbers', 200, errorBody('Too Many Requests', '0', '429'), ViberRateLimited],
    ['with a trailing comma', 200, rateLimit.replace('}', ',}'), ViberRateLimited],
    // The framework's own errors: code 0 as well, told apart by their status alone.
    ['of the framework', 200, errorBody('Unauthorized', 0, 401), ViberUnauthorized],
    ['of the framework', 200, errorBody('Bad Request', 0, 400), ViberRefused],
    ['of the framework', 404, errorBody('Not Found', 0, 404), ViberWrongAddress],
    ['of the framework', 200, errorBody('Unknown', 0, 500), ViberOutcomeUnknown],
    ['by its documented name', 200, errorBody('Too Many Requests', 0, null), ViberRateLimited],
    ['by HTTP, where it states none', 429, errorBody('Slow', 0, null), ViberRateLimited],
    ['by HTTP, where it states none', 401, errorBody('Who?', 0, 'error'), ViberUnauthorized],
    ['by a code of one error only', 200, errorBody('Top up', 3, null), ViberBalanceEmpty],
    ['by a code of one error only', 200, errorBody('Wrong', 1, 'error'), ViberRefused],
  ])('an error body %s (HTTP %i %s)', async (_how, status, body, type) => {
    expect(await sendError(status, body)).toBeInstanceOf(type);
  });

  it.each([
    [400, ViberRefused],
    [401, ViberUnauthorized],
    [402, ViberBalanceEmpty],
    [403, ViberUnauthorized],
    [404, ViberWrongAddress],
    [405, ViberWrongAddress],
    [413, ViberRefused],
    [415, ViberRefused],
    [429, ViberRateLimited],
    [301, ViberWrongAddress],
    [302, ViberWrongAddress],
    [307, ViberWrongAddress],
    [408, ViberOutcomeUnknown],
    [422, ViberOutcomeUnknown],
    [500, ViberOutcomeUnknown],
    [502, ViberOutcomeUnknown],
    [503, ViberOutcomeUnknown],
  ])('HTTP %i with a page of somebody else', async (status, type) => {
    expect(await sendError(status, '<html>Something</html>')).toBeInstanceOf(type);
  });

  it.each([
    ['empty', ''],
    ['null', 'null'],
    ['a list', '[{"message_id":1}]'],
    ['a page', '<html>OK</html>'],
    ['without the id', '{}'],
    ['id null', '{"message_id":null}'],
    ['id 0', '{"message_id":0}'],
    ['id negative', '{"message_id":-1}'],
    ['id a fraction', '{"message_id":1.5}'],
    ['id in powers', '{"message_id":1e3}'],
    ['id a word', '{"message_id":"abc"}'],
    ['id an object', '{"message_id":{"value":1}}'],
    ['id inherited', '{"__proto__":{"message_id":1}}'],
    ['two ids', '{"message_id":1,"message_id":2}'],
    ['not closed', '{"message_id":1'],
    ['a comment that never ends', '{"message_id":1} /*'],
    ['nested beyond any stack', '['.repeat(60_000)],
  ])('200 with a body that is %s: nobody knows', async (_what, body) => {
    expect(await sendError(200, body)).toMatchObject({
      constructor: ViberOutcomeUnknown,
      reason: 'unreadable_answer',
    });
  });

  it.each([
    ['unknown_error_code', errorBody('Something new', 9, 400)],
    ['unknown_error_code', errorBody('Something new', 'A1', 400)],
    ['unreadable_answer', errorBody('Error', 0, null)],
    ['unreadable_answer', errorBody('Error', 0, 'error')],
    ['unreadable_answer', errorBody('Too Many Requests to count', 0, '')],
    ['server_error', errorBody('Internal server error', 2, 400)],
    ['contradictory_answer', errorBody('Invalid Parameter: [text]', 1, 500)],
    ['contradictory_answer', invalidText.replace('{', '{"message_id":1,')],
  ])('an error that nobody can interpret is no verdict: %s', async (reason, body) => {
    expect(await sendError(200, body)).toMatchObject({ constructor: ViberOutcomeUnknown, reason });
  });

  it('HTTP 500 is not made "not sent" by a name', async () => {
    const body = errorBody('Too Many Requests', 0, null);
    expect(await sendError(500, body)).toMatchObject({
      constructor: ViberOutcomeUnknown,
      reason: 'server_error',
    });
  });

  it('a new code under a status that turns requests away was not sent', async () => {
    expect(await sendError(200, errorBody('Slow', 9, 429))).toBeInstanceOf(ViberRateLimited);
  });

  it.each([
    ['Invalid Parameter: [destination_addr]', 'destination_addr'],
    ['Invalid Parameter: text', 'text'],
    ['Invalid Parameter: [+380671234567 is no number]', null],
    ['Bad Request', null],
  ])('names the refused parameter of "%s"', async (name, parameter) => {
    expect(await sendError(200, errorBody(name, 1, 400))).toMatchObject({
      parameter,
      transport: false,
    });
  });

  it('a refusal by HTTP alone is marked: it says more about the way than about the message', async () => {
    expect(await sendError(400, '<html>')).toMatchObject({ parameter: null, transport: true });
    provider.requests.length = 0;
    expect(await sendError(413, '')).toMatchObject({ parameter: null, transport: true });
  });

  it('reads Retry-After in seconds and as a date, and the rate limit headers', async () => {
    const headers = { 'Retry-After': '7', 'X-Rate-Limit-Remaining': '0' };
    expect(await sendError(429, rateLimit, headers)).toMatchObject({
      retryAfterMs: 7_000,
      rateLimit: { limit: null, remaining: 0, resetSeconds: null },
    });
    provider.requests.length = 0;
    const date = new Date(Date.now() + 60_000).toUTCString();
    const dated = (await sendError(429, '', { 'Retry-After': date })) as ViberRateLimited;
    expect(dated.retryAfterMs).toBeGreaterThan(50_000);
    expect(dated.retryAfterMs).toBeLessThanOrEqual(60_000);
    provider.requests.length = 0;
    expect(await sendError(429, '', { 'Retry-After': 'soon' })).toMatchObject({
      retryAfterMs: null,
      rateLimit: null,
    });
  });

  it.each([
    ['0', 0],
    ['999999999999', 1e12],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 0],
    // Date.parse makes times of these.
    ['0.5', null],
    ['-1', null],
    ['Nov 2094', null],
    ['1 hour', null],
    ['Sunday, 06-Nov-94 08:49:37 GMT', null],
    ['Sun, 99 Nov 2094 08:49:37 GMT', null],
  ])('takes a Retry-After of "%s" for %p ms', async (given, retryAfterMs) => {
    expect(await sendError(429, '', { 'Retry-After': given })).toMatchObject({ retryAfterMs });
  });

  it('does not follow a redirect', async () => {
    await sendError(307, '', { location: `${provider.baseUrl}/v1/api/send-viber` });
    await pause(50);
    expect(provider.requests).toHaveLength(1);
  });
});

describe('huge answers', () => {
  it.each([
    [200, ViberOutcomeUnknown, { reason: 'answer_too_large' }],
    [500, ViberOutcomeUnknown, { reason: 'server_error' }],
    [404, ViberWrongAddress, {}],
  ])('are cut under HTTP %i, with their connection', async (status, type, shape) => {
    const before = provider.sockets.length;
    const huge = `{"message_id":1,"padding":"${'x'.repeat(5_000_000)}"}`;
    const error = await sendError(status, huge);

    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject(shape);
    expect(error.answer!.rawText).toHaveLength(2048);
    await pause(50);
    expect(provider.sockets[before]!.destroyed).toBe(true);
  });

  it('are no success by what stood before the cut', async () => {
    const huge = `{"message_id":1}${' '.repeat(100_000)}{"message_id":2}`;
    expect(await sendError(200, huge)).toMatchObject({ reason: 'answer_too_large' });
  });

  it('an answer of just the allowed size is read', async () => {
    const body = `{"message_id":1,"padding":"${'x'.repeat(65_536 - 29)}"}`;
    expect(body).toHaveLength(65_536);
    answer = http(200, body);
    expect((await client.send(credential, textMessage)).messageId).toBe('1');
  });
});

describe('status', () => {
  const status = (body: string, id = '429', httpStatus = 200) => {
    answer = http(httpStatus, body);
    return client.status(credential, id);
  };

  it('reads the documented answer, trailing comma and all', async () => {
    expect(await status('{\n  "message_id":429,\n  "status":1,\n}')).toMatchObject({
      messageId: '429',
      status: 1,
      sms: null,
      deviations: [{ kind: 'lenient_json', detail: 'trailing_comma' }],
    });
  });

  it('asks with every digit of a 64-bit id', async () => {
    const id = '9223372036854775807';
    await status(`{"message_id":"${id}","status":"0"}`, id);
    expect(provider.requests[0]!.head).toMatch(/^POST \/v1\/api\/receive-viber HTTP\/1\.1/);
    expect(provider.requests[0]!.body).toBe(`{"message_id":${id}}`);
  });

  it('asks in JSON with an id that begins with zeros', async () => {
    expect(await status('{"message_id":"0429","status":1}', '0429')).toMatchObject({ status: 1 });
    expect(JSON.parse(provider.requests[0]!.body)).toEqual({ message_id: '0429' });
  });

  it('keeps a status that nobody has documented', async () => {
    expect(await status('{"message_id":429,"status":77}')).toMatchObject({ status: 77 });
  });

  it('reads the SMS part', async () => {
    const body =
      '{"message_id":429,"status":4,"sms_message_id":9007199254740993,"sms_message_status":2}';
    expect(await status(body)).toMatchObject({
      sms: { messageId: '9007199254740993', status: 2 },
    });
  });

  it('an answer about another message is none', async () => {
    expect(await failureOf(status('{"message_id":430,"status":1}'))).toMatchObject({
      constructor: ViberOutcomeUnknown,
      reason: 'contradictory_answer',
    });
  });

  it('an answer without a readable status is none', async () => {
    for (const body of ['{"message_id":429}', '{"message_id":429,"status":null}', '']) {
      expect(await failureOf(status(body))).toMatchObject({ reason: 'unreadable_answer' });
    }
  });

  it('an error body is an error, though it has a member called status', async () => {
    expect(await failureOf(status(rateLimit))).toBeInstanceOf(ViberRateLimited);
    expect(await failureOf(status(invalidText, '1', 400))).toBeInstanceOf(ViberRefused);
  });

  it('refuses an id that is none, before anything is sent', async () => {
    await expect(client.status(credential, '1,"x":2')).rejects.toThrow(TypeError);
    expect(provider.requests).toHaveLength(0);
  });
});

describe('check', () => {
  it.each([
    ['plausible', 400, errorBody('Invalid Parameter: [message_id]', 1, 400)],
    ['plausible', 200, '{"message_id":2147483647,"status":20}'],
    ['plausible', 200, balance],
    ['plausible', 404, errorBody('Not Found', 0, 404)],
    ['refused', 401, ''],
    ['refused', 200, errorBody('Unauthorized', 0, 401)],
    ['unreachable', 404, '<html>'],
    ['unreachable', 400, '<html>'],
    ['unreachable', 502, '<html>'],
    ['unreachable', 200, '<html>'],
  ])('%s where the provider answers %i %s', async (verdict, status, body) => {
    answer = http(status, body);
    expect(await client.check(credential)).toBe(verdict);
    expect(provider.requests[0]!.body).toBe('{"message_id":2147483647}');
  });
});

describe('secrets', () => {
  it('are taken out of the answer that is kept, and an error tells none of it when printed', async () => {
    const encoded = Buffer.from('secret-key').toString('base64');
    const error = await sendError(403, `no: secret-key, Basic ${encoded}, +380671234567\0`);

    expect(error.answer!.rawText).toBe('no: [redacted], Basic [redacted], +380671234567\uFFFD');
    const printed = `${error.stack} ${JSON.stringify(error)} ${Object.keys(error).join()}`;
    expect(printed).not.toMatch(/380671234567|secret-key|rawText/);
    const visible: string[] = [];
    for (const key in error) visible.push(key);
    expect(visible).not.toContain('answer');
  });

  it('are taken out before the text is cut, so that no half of one is left', async () => {
    const error = await sendError(500, `${'x'.repeat(2_043)}secret-key`);
    expect(error.answer!.rawText).toBe(`${'x'.repeat(2_043)}[reda`);
  });

  it.each([
    ['as it is', (secret: string) => secret],
    ['as JSON', (secret: string) => JSON.stringify(secret)],
    [
      'as JSON with escaped slashes',
      (secret: string) => JSON.stringify(secret).replaceAll('/', '\\/'),
    ],
    [
      'as PHP writes it',
      (secret: string) => JSON.stringify(secret).replaceAll('/', '\\/').replace('ї', '\\u0457'),
    ],
  ])('are taken out %s', async (_how, written) => {
    const strange = { key: 'a/"ї"/b???', auth: 'key' } as const;
    const encoded = Buffer.from(strange.key).toString('base64');
    expect(encoded).toContain('/');
    answer = http(500, `<${written(strange.key)}> <${written(encoded)}>`);
    const { answer: kept } = await failureOf(client.send(strange, textMessage));
    expect(kept!.rawText.replaceAll('"', '')).toBe('<[redacted]> <[redacted]>');
  });

  it('are taken out of the texts of an error body', async () => {
    const body = { name: 'No: secret-key', message: 'x'.repeat(3_000), code: 0, status: 403 };
    const { answer: kept } = await sendError(200, JSON.stringify(body));
    expect(kept!.errorBody).toEqual({
      name: 'No: [redacted]',
      message: 'x'.repeat(2_048),
      code: 0,
      status: 403,
    });
  });
});
