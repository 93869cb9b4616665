import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseCallback } from './callback.js';
import { parseInboundCallback } from './inbound-callback.js';
import { parseStatusCallback } from './status-callback.js';

const documentedInbound = `{
  "message_token": 4444444444444444,
  "phone_number": "97251222222",
  "time": 2121212121,
  "message": {
    "text": "a message to the service",
    "tracking_data": "tracking_id:100035"
  }
}`;

/** As libcurl writes what PHP gives it as an array. */
const multipart = (fields: Record<string, string>) =>
  `${Object.entries(fields)
    .map(
      ([name, value]) =>
        `--------------------------d74496d66958873e\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    )
    .join('')}--------------------------d74496d66958873e--\r\n`;
const form = multipart({ message_id: '9007199254740993', status: '1' });

describe('a status callback', () => {
  it.each([
    ['JSON', { body: '{"message_id":9007199254740993,"status":1}' }],
    ['JSON in a Buffer', { body: Buffer.from('{"message_id":"9007199254740993","status":"1"}') }],
    ['JSON with comments and commas', { body: '{"message_id":9007199254740993,/*!*/"status":1,}' }],
    ['JSON after a byte order mark', { body: '\uFEFF{"message_id":9007199254740993,"status":1}' }],
    [
      'JSON under the type of a form',
      {
        body: '{"message_id":9007199254740993,"status":1}',
        contentType: 'application/x-www-form-urlencoded',
      },
    ],
    ['a form', { body: 'message_id=9007199254740993&status=1' }],
    ['multipart', { body: form, contentType: 'multipart/form-data; boundary=x' }],
    ['multipart without a type', { body: Buffer.from(form) }],
    ['multipart with bare line ends', { body: form.replaceAll('\r', '') }],
    [
      'multipart with more in its headers',
      {
        body: form.replace('"status"', 'status\r\nContent-Type: text/plain; charset=UTF-8'),
      },
    ],
    ['a query', { query: 'message_id=9007199254740993&status=1' }],
    ['a parsed query', { body: '', query: { message_id: '9007199254740993', status: '1' } }],
    ['a status by its name', { query: { message_id: '9007199254740993', status: 'Delivered' } }],
  ])('is read from %s', (_form, request) => {
    expect(parseStatusCallback(request)).toMatchObject({
      kind: 'status',
      messageId: '9007199254740993',
      status: 1,
    });
    expect(parseCallback(request)).toEqual(parseStatusCallback(request));
  });

  it('keeps a status that nobody has documented, and names unknown members', () => {
    const body = '{"message_id":1,"status":77,"reason":"x"}';
    expect(parseStatusCallback({ body })).toEqual({
      kind: 'status',
      messageId: '1',
      status: 77,
      sms: null,
      deviations: [
        { kind: 'unknown_status', detail: 'status: 77' },
        { kind: 'unknown_field', detail: 'reason' },
      ],
    });
  });

  it('status 0 is a status', () => {
    expect(parseCallback({ body: '{"message_id":1,"status":0}' })).toMatchObject({ status: 0 });
  });

  it('without an id it is evidence still: its URL tells the message', () => {
    expect(parseStatusCallback({ body: '{"status":4}' })).toMatchObject({
      kind: 'status',
      messageId: null,
      status: 4,
    });
  });

  it('carries the SMS part', () => {
    const body = 'message_id=1&status=4&sms_message_id=18446744073709551615&sms_message_status=2';
    expect(parseStatusCallback({ body })).toMatchObject({
      sms: { messageId: '18446744073709551615', status: 2 },
    });
  });
});

describe('an inbound message', () => {
  it('is read as documented', () => {
    expect(parseInboundCallback({ body: documentedInbound })).toEqual({
      kind: 'inbound',
      messageToken: '4444444444444444',
      phoneNumber: '97251222222',
      sentAt: new Date(2121212121_000),
      text: 'a message to the service',
      trackingData: 'tracking_id:100035',
      deviations: [],
    });
  });

  it('keeps all digits of a 64-bit token', () => {
    const body = documentedInbound.replace('4444444444444444', '5123456789012345677');
    expect(parseCallback({ body })).toMatchObject({
      kind: 'inbound',
      messageToken: '5123456789012345677',
    });
  });

  it.each([
    ['1700000000', '2023-11-14T22:13:20.000Z'],
    ['1700000000123', '2023-11-14T22:13:20.123Z'],
    ['"1700000000"', '2023-11-14T22:13:20.000Z'],
    ['17000000', null],
    ['null', null],
  ])('takes ten digits for seconds, thirteen for milliseconds: %s', (time, expected) => {
    const read = parseInboundCallback({ body: documentedInbound.replace('2121212121', time) });
    expect((read as { sentAt: Date | null }).sentAt?.toISOString() ?? null).toBe(expected);
  });

  it('is read from a form with nested members', () => {
    const body =
      'message_token=5123456789012345677&phone_number=%2B972+51-222222&time=1700000000&' +
      'message[text]=%D0%A2%D0%B0%D0%BA&message%5Btracking_data%5D=tracking_id%3A1';
    expect(parseCallback({ body })).toMatchObject({
      kind: 'inbound',
      messageToken: '5123456789012345677',
      phoneNumber: '97251222222',
      text: 'Так',
      trackingData: 'tracking_id:1',
    });
  });

  it('is read from multipart with nested members, line ends and all', () => {
    const body = multipart({
      message_token: '5123456789012345677',
      phone_number: '+97251222222',
      'message[text]': 'Так\r\n--two lines',
      'message[tracking_data]': 'tracking_id:1',
    });
    expect(parseCallback({ body })).toMatchObject({
      messageToken: '5123456789012345677',
      phoneNumber: '97251222222',
      text: 'Так\r\n--two lines',
      trackingData: 'tracking_id:1',
    });
  });

  it('gives a text that any database takes', () => {
    const body = documentedInbound.replace('a message', 'a\\u0000b\\ud83dc 👋');
    expect(parseInboundCallback({ body })).toMatchObject({
      text: 'a\uFFFDb\uFFFDc 👋 to the service',
    });
  });

  it('may carry no text', () => {
    const body = '{"message_token":1,"phone_number":97251222222,"message":{"media":"x"}}';
    expect(parseInboundCallback({ body })).toMatchObject({
      kind: 'inbound',
      phoneNumber: '97251222222',
      text: null,
      trackingData: null,
    });
  });

  it('with a status member besides is an inbound message still', () => {
    const body = documentedInbound.replace('{', '{"status":1,');
    expect(parseCallback({ body }).kind).toBe('inbound');
  });
});

describe('what cannot be read', () => {
  it.each([
    ['empty', {}],
    ['empty', { body: '  ' }],
    ['empty', { query: {} }],
    ['not_json_nor_form', { body: '{"message_id":1,"status":1' }],
    ['not_json_nor_form', { body: 'OK' }],
    ['not_json_nor_form', { body: '--x\r\nname="status"', contentType: 'multipart/form-data' }],
    ['not_json_nor_form', { body: form.slice(0, -10) }],
    ['not_json_nor_form', { body: '--x\r\nstatus=1\r\n--x--' }],
    ['empty', { body: form.replaceAll('; name=', '; filename="f"; name=') }],
    ['not_an_object', { body: '[1]' }],
    ['neither_status_nor_inbound', { body: '{"message_id":1}' }],
    ['neither_status_nor_inbound', { body: '{"__proto__":{"status":1}}' }],
    ['status_not_readable', { body: '{"message_id":1,"status":"seen"}' }],
    ['status_not_readable', { body: '{"message_id":1,"status":null}' }],
    ['message_token_not_readable', { body: '{"message_token":null,"phone_number":"1"}' }],
    ['phone_number_not_readable', { body: '{"message_token":1}' }],
    ['phone_number_not_readable', { body: '{"message_token":1,"phone_number":"nobody"}' }],
  ])('is unreadable, with the reason %s: %j', (reason, request) => {
    expect(parseCallback(request)).toMatchObject({ kind: 'unreadable', reason });
  });

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.webQueryParameters()), (body) => {
        expect(['status', 'inbound', 'unreadable']).toContain(parseCallback({ body }).kind);
        expect(['status', 'inbound', 'unreadable']).toContain(parseCallback({ query: body }).kind);
      }),
    );
    expect(parseCallback({ body: '{"a":'.repeat(100_000) }).kind).toBe('unreadable');
  });
});
