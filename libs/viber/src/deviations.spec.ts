import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ViberAnswer } from './answer.js';
import { parseCallback } from './callbacks/index.js';
import { HttpViberClient } from './http-viber-client.js';
import { credential, textMessage } from './testing/fixtures.js';
import { http, RawProvider } from './testing/raw-provider.js';

/** One answer on the wire, as whoever watches the client hears of it. */
let provider: RawProvider;
let client: HttpViberClient;
let answer: string;
const heard: [string, ViberAnswer][] = [];

beforeAll(async () => {
  provider = await RawProvider.start((socket) => void socket.write(answer));
  client = new HttpViberClient({
    baseUrl: provider.baseUrl,
    timeoutMs: 2_000,
    onAnswer: (call, given) => void heard.push([call, given]),
  });
});

afterAll(async () => {
  await client.close();
  await provider.stop();
});

async function deviationsOf(call: 'send' | 'status', httpStatus: number, body: string) {
  heard.length = 0;
  answer = http(httpStatus, body);
  const made =
    call === 'send' ? client.send(credential, textMessage) : client.status(credential, '429');
  await made.catch(() => undefined);
  expect(heard).toHaveLength(1);
  expect(heard[0]?.[0]).toBe(call);
  return shown(heard[0]?.[1].deviations ?? []);
}

const shown = (deviations: readonly { kind: string; detail: string }[]): string[] =>
  deviations.map(({ kind, detail }) => `${kind} ${detail}`);

const error = (code: unknown, status: unknown): string =>
  JSON.stringify({ name: 'Name', message: 'Words', code, status });

describe('the deviations of an answer', () => {
  it.each([
    ['send', 200, '{"message_id":429}'],
    ['status', 200, '{"message_id":429,"status":1}'],
    ['status', 200, '{"message_id":429,"status":20,"sms_message_id":7,"sms_message_status":2}'],
    ['send', 200, error(0, 429)],
    ['send', 429, error(0, 429)],
    ['send', 400, error(1, 400)],
    ['send', 402, error(3, 402)],
    ['send', 500, error(2, 500)],
  ] as const)('as documented are none: %s, %i %s', async (call, httpStatus, body) => {
    expect(await deviationsOf(call, httpStatus, body)).toEqual([]);
  });

  it.each([
    ['send', 200, '{"message_id":"429"}', ['other_type message_id: string']],
    ['send', 200, '{"message_id":9007199254740993}', ['other_type message_id: beyond 2^53']],
    ['send', 200, '{"message_id":1.5}', ['other_type message_id: fraction']],
    ['send', 200, '{"message_id":429,}', ['lenient_json trailing_comma']],
    ['send', 200, '{"message_id":429/*!*/}', ['lenient_json comment']],
    ['send', 200, '\uFEFF{"message_id":429}', ['lenient_json byte_order_mark']],
    ['send', 200, '{"message_id":429,"price":"0.01"}', ['unknown_field price']],
    ['send', 200, '{"__proto__":1,"message_id":429}', ['unknown_field __proto__']],
    ['send', 200, '{}', ['other_shape message_id: missing']],
    ['send', 200, '[]', ['other_shape not_an_object']],
    ['send', 200, '', ['other_shape empty']],
    ['send', 200, 'OK', ['other_shape not_json']],
    ['send', 200, `"${'x'.repeat(70_000)}"`, ['other_shape too_large']],
    ['send', 201, '{"message_id":429}', ['http_status 201']],
    ['send', 502, '<html>', ['http_status 502', 'other_shape not_json']],
    ['send', 200, error(9, 400), ['unknown_error code 9, status 400']],
    ['send', 401, error(0, 401), ['http_status 401', 'unknown_error code 0, status 401']],
    ['send', 200, error('0', 429), ['other_type code: string']],
    [
      'send',
      200,
      error(0, null),
      ['other_type status: null', 'unknown_error code 0, status unreadable'],
    ],
    ['status', 200, '{"message_id":429,"status":77}', ['unknown_status status: 77']],
    ['status', 200, '{"message_id":429,"status":"1"}', ['other_type status: string']],
    [
      'status',
      200,
      '{"message_id":429,"status":"seen"}',
      ['other_type status: string', 'unknown_status status: seen'],
    ],
    [
      'status',
      200,
      '{"message_id":429,"status":"seen by Olga"}',
      ['other_type status: string', 'unknown_status status: (text)'],
    ],
    [
      'status',
      200,
      '{"message_id":429,"status":12345678901234567890}',
      ['unknown_status status: 12345678901234567890'],
    ],
    [
      'status',
      200,
      '{"message_id":429,"status":4,"sms_message_status":9}',
      ['unknown_status sms_message_status: 9'],
    ],
  ] as const)('%s, %i %s', async (call, httpStatus, body, expected) => {
    expect(await deviationsOf(call, httpStatus, body)).toEqual(expected);
  });

  it('are at most twenty, each of at most eighty characters', async () => {
    const members = Array.from({ length: 200 }, (_, n) => `"${'x'.repeat(200)}${n}":1`);
    const found = await deviationsOf('send', 200, `{"message_id":1,${members.join(',')}}`);
    expect(found).toHaveLength(20);
    expect(Math.max(...found.map((line) => line.length))).toBe('unknown_field '.length + 80);
  });

  it('change nothing of the outcome, even where whoever listens throws', async () => {
    const careless = new HttpViberClient({
      baseUrl: provider.baseUrl,
      onAnswer: () => {
        throw new Error('careless');
      },
    });
    answer = http(200, '{"message_id":"429"}');
    expect((await careless.send(credential, textMessage)).messageId).toBe('429');
    await careless.close();
  });
});

describe('the deviations of a callback', () => {
  const inbound = {
    message_token: 444,
    phone_number: '97251222222',
    time: 2_121_212_121,
    message: { text: 'Yes', tracking_data: 'tracking_id:1' },
  };
  it.each([
    ['{"message_id":1,"status":1}', []],
    ['{"message_id":1,"status":1,"operator":"x"}', ['unknown_field operator']],
    ['{"message_id":"1","status":1}', ['other_type message_id: string']],
    ['{"status":77}', ['other_shape message_id: missing', 'unknown_status status: 77']],
    ['message_id=1&status=1', ['other_shape form']],
    ['message_id=1&status=1&operator=x', ['other_shape form', 'unknown_field operator']],
    ['{"message_id":1,"status":1,}', ['lenient_json trailing_comma']],
    ['OK', ['other_shape not_json_nor_form']],
    [
      '{"message_id":1,"status":"seen"}',
      [
        'other_shape status_not_readable',
        'other_type status: string',
        'unknown_status status: seen',
      ],
    ],
    [JSON.stringify(inbound), []],
    [
      JSON.stringify({ ...inbound, message: { ...inbound.message, media: 'x' } }),
      ['unknown_field message.media'],
    ],
    [JSON.stringify({ ...inbound, message: 'Yes' }), ['other_type message: string']],
    [JSON.stringify({ ...inbound, message_token: '444' }), ['other_type message_token: string']],
    [JSON.stringify({ ...inbound, message_token: 1 }).replace('1', '5123456789012345677'), []],
  ])('%s', (body, expected) => {
    expect(shown(parseCallback({ body }).deviations)).toEqual(expected);
  });

  it('tell of a query in place of a body', () => {
    expect(shown(parseCallback({ query: 'message_id=1&status=1' }).deviations)).toEqual([
      'other_shape query',
    ]);
  });
});
