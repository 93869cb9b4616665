import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { batchDefaultsShape, batchMessageShape, messageShape } from './message-shapes.js';

const valid = { recipient: '+380671234567', text: 'Hello' };

function errorsOf(change: Record<string, unknown>): string[] {
  return messageShape
    .errorsIn({ ...valid, ...change })
    .map(({ pointer, code }) => `${pointer} ${code}`);
}

describe('the body of a message', () => {
  it('takes every documented field', () => {
    const whole = {
      account_id: 'acc_01jf8z5v3we2r9n6k4q7t0xyzb',
      sender: 'Custom Co',
      recipient: 380671234567,
      text: 'Hello',
      image_url: 'https://shop.example/a.jpg',
      button: { caption: 'Join us', url: 'https://shop.example/join' },
      file_url: 'http://shop.example/a.pdf',
      category: 'promotional',
      priority: 'urgent',
      two_way: true,
      validity_seconds: 40,
      send_at: '2026-03-01T09:00:00+02:00',
      client_reference: 'order-10042',
      metadata: { campaign: 'spring', empty: '' },
      group: 'spring',
      delivery_mode: 'at_least_once',
      provider_message_type: 208,
    };
    expect(messageShape.errorsIn(whole)).toEqual([]);
  });

  it('takes null for a field that is not given', () => {
    expect(
      errorsOf({ text: null, button: null, category: null, metadata: null, two_way: null }),
    ).toEqual([]);
  });

  it.each([
    [{ surprise: 1 }, '/surprise unknown_field'],
    [{ fallback_sms_text: 7 }, '/fallback_sms_text invalid_type'],
    [{ fallback_sms_text: '' }, '/fallback_sms_text invalid_length'],
    [{ fallback_sms_text: 'x'.repeat(161) }, '/fallback_sms_text invalid_length'],
    [{ fallback_sms_text: 'ї'.repeat(71) }, '/fallback_sms_text invalid_length'],
    [{ constructor: {} }, '/constructor unknown_field'],
    [{ 'a/b~c': 1 }, '/a~1b~0c unknown_field'],
    [{ recipient: undefined }, '/recipient required'],
    [{ recipient: null }, '/recipient invalid_recipient'],
    [{ recipient: '0671234567' }, '/recipient invalid_recipient'],
    [{ recipient: ['+380671234567'] }, '/recipient invalid_recipient'],
    [{ text: 7 }, '/text invalid_type'],
    [{ text: '' }, '/text invalid_length'],
    [{ text: '😀'.repeat(1_001) }, '/text invalid_length'],
    [{ sender: 'x'.repeat(21) }, '/sender invalid_length'],
    [{ image_url: 'ftp://shop.example/a.jpg' }, '/image_url invalid_url'],
    [{ image_url: 'https://user:secret@shop.example/' }, '/image_url invalid_url'],
    [{ image_url: 'https://shop.example/a b.jpg' }, '/image_url invalid_url'],
    [{ image_url: 'https://' }, '/image_url invalid_url'],
    [{ image_url: `https://shop.example/${'a'.repeat(2_000)}` }, '/image_url invalid_url'],
    [{ file_url: 'javascript:alert(1)' }, '/file_url invalid_url'],
    [{ button: 'Join us' }, '/button invalid_type'],
    [{ button: [{}] }, '/button invalid_type'],
    [{ button: { caption: 'Join us' } }, '/button/url required'],
    [
      { button: { caption: 'x'.repeat(31), url: 'https://a.example' } },
      '/button/caption invalid_length',
    ],
    [
      { button: { caption: 'x', url: 'https://a.example', color: 'red' } },
      '/button/color unknown_field',
    ],
    [{ category: 'other' }, '/category not_allowed'],
    [{ priority: 'promotional' }, '/priority not_allowed'],
    [{ delivery_mode: 'exactly_once' }, '/delivery_mode not_allowed'],
    [{ two_way: 'true' }, '/two_way invalid_type'],
    [{ validity_seconds: 39 }, '/validity_seconds too_small'],
    [{ validity_seconds: 259_201 }, '/validity_seconds too_large'],
    [{ validity_seconds: 60.5 }, '/validity_seconds invalid_type'],
    [{ validity_seconds: '3600' }, '/validity_seconds invalid_type'],
    [{ send_at: '2026-03-01T09:00:00' }, '/send_at invalid_time'],
    [{ client_reference: '' }, '/client_reference invalid_length'],
    [{ metadata: { a: 1 } }, '/metadata invalid_metadata'],
    [{ metadata: { ['k'.repeat(41)]: 'v' } }, '/metadata invalid_metadata'],
    [{ metadata: { k: 'v'.repeat(501) } }, '/metadata invalid_metadata'],
    [
      { metadata: Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`k${n}`, 'v'])) },
      '/metadata invalid_metadata',
    ],
    [{ provider_message_type: '106' }, '/provider_message_type invalid_type'],
  ])('refuses %j', (change, expected) => {
    expect(errorsOf(change)).toEqual([expected]);
  });

  it('points to every field that is wrong, not to the first', () => {
    expect(errorsOf({ category: 'x', priority: 'y' })).toEqual([
      '/category not_allowed',
      '/priority not_allowed',
    ]);
  });

  it('names fifty of them at the most', () => {
    const strange = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`f${n}`, 1]));
    expect(errorsOf(strange)).toHaveLength(50);
  });

  it('counts a text in code points: a thousand smiles fit', () => {
    expect(errorsOf({ text: '😀'.repeat(1_000) })).toEqual([]);
  });

  it.each([[[]], ['text'], [7], [null], [undefined]])('refuses a body that is %j', (body) => {
    expect(messageShape.errorsIn(body)).toEqual([
      { pointer: '', code: 'invalid_type', detail: 'The body must be a JSON object.' },
    ]);
  });

  it('never throws, and never names a value in what it says of a number or a text', () => {
    const secret = 'top-secret-4711';
    const value = fc.oneof(fc.jsonValue(), fc.constant(secret), fc.constant({ [secret]: secret }));
    const field = fc.constantFrom(
      'recipient',
      'text',
      'sender',
      'button',
      'metadata',
      'image_url',
      'send_at',
    );
    fc.assert(
      fc.property(fc.dictionary(field, value), (body) => {
        const told = messageShape
          .errorsIn(body)
          .map(({ detail }) => detail)
          .join(' ');
        expect(told).not.toContain(secret);
      }),
    );
  });

  it('takes nothing with a field that it does not know', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.jsonValue(), (field, value) => {
        fc.pre(!/^[a-z_]+$/.test(field) || field === '__proto__');
        const body = Object.defineProperty({ ...valid }, field, { value, enumerable: true });
        expect(messageShape.errorsIn(body).map(({ code }) => code)).toEqual(['unknown_field']);
      }),
    );
  });
});

describe('a message of a batch', () => {
  it('may have an idempotency key of 1 to 255 visible ASCII characters', () => {
    const withKey = (key: unknown) =>
      batchMessageShape.errorsIn({ ...valid, idempotency_key: key }, '/messages/3');
    expect(withKey('a'.repeat(255))).toEqual([]);
    expect(withKey('a b')).toMatchObject([
      { pointer: '/messages/3/idempotency_key', code: 'invalid_format' },
    ]);
    expect(withKey('')).toHaveLength(1);
    expect(withKey('a'.repeat(256))).toHaveLength(1);
    expect(withKey(7)).toHaveLength(1);
  });

  it('has its recipient itself: no default stands in for it', () => {
    expect(batchMessageShape.errorsIn({ text: 'Hello' })).toMatchObject([{ code: 'required' }]);
    expect(batchDefaultsShape.errorsIn({ text: 'Hello' })).toEqual([]);
    expect(batchDefaultsShape.errorsIn(valid, '/defaults')).toMatchObject([
      { pointer: '/defaults/recipient', code: 'unknown_field' },
    ]);
  });
});

describe('the compiled check', () => {
  const texts = fc.oneof(
    fc.string(),
    fc.constantFrom(
      'Hello',
      '+380671234567',
      'https://shop.example/a.jpg',
      'promotional',
      'urgent',
      'at_least_once',
      'acc_01jf8z5v3we2r9n6k4q7t0xyzb',
      '2026-03-01T09:00:00+02:00',
    ),
  );
  const anything = fc.oneof(
    texts,
    fc.constantFrom<unknown>(null, undefined, true, 40, 208, 3_600, 380671234567, -1, 0.5),
    fc.dictionary(fc.constantFrom('caption', 'url', 'campaign', 'constructor'), texts),
    fc.array(texts, { maxLength: 2 }),
  );
  const fields = fc.constantFrom(
    'recipient',
    'text',
    'sender',
    'button',
    'image_url',
    'file_url',
    'category',
    'priority',
    'two_way',
    'validity_seconds',
    'send_at',
    'client_reference',
    'metadata',
    'group',
    'delivery_mode',
    'account_id',
    'provider_message_type',
    'idempotency_key',
    'surprise',
    'constructor',
  );
  const button = { caption: 'Join', url: 'https://a.example/' };
  const changes = fc.dictionary(fields, anything, { maxKeys: 4 });

  it.each([
    ['message', messageShape, { ...valid, button }],
    ['message of a batch', batchMessageShape, { ...valid, button }],
    ['defaults of a batch', batchDefaultsShape, { text: 'Hello', button }],
  ])(
    'of a %s lets through exactly what class-validator finds no fault with',
    (_name, shape, fitted) => {
      let fitting = 0;
      fc.assert(
        fc.property(changes, (change) => {
          const body = { ...fitted, ...change };
          const faults = shape.explain(body);
          fitting += faults.length === 0 ? 1 : 0;
          expect(shape.fits(body)).toBe(faults.length === 0);
        }),
        { numRuns: 2_000 },
      );
      expect(fitting).toBeGreaterThan(50);
    },
  );
});
