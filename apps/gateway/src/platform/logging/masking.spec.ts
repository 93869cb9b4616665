import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { maskBindings, maskText } from './masking.js';

describe('maskText', () => {
  it.each([
    ['sent to 380501234567 at once', 'sent to [masked] at once'],
    ['sent to +380501234567.', 'sent to [masked].'],
    ['+380 (50) 123-45-67', '[masked]'],
    ['recipient380501234567', 'recipient[masked]'],
    ['key tyr_live_ab12_C3d-4Ef is wrong', 'key tyr_live_[masked] is wrong'],
    ['Authorization: Bearer abc.def-123', 'Authorization: Bearer [masked]'],
    ['Bearer with@odd"signs;)}', 'Bearer [masked]'],
    ['authorization: basic a2V5Og==', 'authorization: basic [masked]'],
    ['POST /callbacks/viber/s/t.a.m.1.k.mac-Mac_mac-Mac 200', 'POST /callbacks/[masked] 200'],
    ['https://gw.example/callbacks/viber/i/c.k.mac?x=1', 'https://gw.example/callbacks/[masked]'],
    ['postgres://tyrian:hunter2@db/tyrian', 'postgres://tyrian:[masked]@db/tyrian'],
    ['postgres://u:p@ss:w@db:5432/tyrian', 'postgres://u:[masked]@db:5432/tyrian'],
    ['value v1.k1.aaa.bbb.ccc.ddd here', 'value [masked] here'],
  ])('takes the secret out of %j', (text, expected) => {
    expect(maskText(text)).toBe(expected);
  });

  it.each([
    'request 018f3c2e-7b1a-7123-8123-012345678901 took 12 ms',
    'msg_01h455vb4pex5vsknk084sn02q is final',
    '2026-11-23T23:32:40.123Z',
    'at file:///app/dist/main.js:123:45',
    'http://127.0.0.1:8080/docs',
    'lane 7 has 123456 rows',
  ])('leaves %j as it is', (text) => {
    expect(maskText(text)).toBe(text);
  });

  it('leaves no run of seven digits outside of ids', () => {
    fc.assert(
      fc.property(fc.string(), fc.stringMatching(/^\+?[0-9]{7,15}$/), fc.string(), (a, n, b) => {
        expect(maskText(`${a} ${n} ${b}`)).not.toMatch(/\d{7}/);
      }),
    );
  });
});

describe('maskBindings', () => {
  it('masks by name at any depth, whatever the spelling', () => {
    const masked = maskBindings({
      headers: { Authorization: 'opaque', 'X-Api-Key': 'opaque', accept: '*/*' },
      account: { provider_key: 'opaque', providerKey: 'opaque', name: 'shop' },
      message: { text: 'opaque', recipient: { number: 'opaque' }, tracking_data: 'opaque' },
      list: [{ password: 'opaque' }],
    });
    expect(JSON.stringify(masked)).not.toContain('opaque');
    expect(masked).toMatchObject({ headers: { accept: '*/*' }, account: { name: 'shop' } });
  });

  it('masks by shape in keys, arrays, maps, sets and numbers', () => {
    const number = '380501234567';
    const masked = maskBindings({
      [number]: 1,
      list: [number, Number(number), BigInt(number)],
      map: new Map([[number, number]]),
      set: new Set([number]),
    });
    expect(JSON.stringify(masked)).not.toContain('380501234');
  });

  it('keeps what operators need: counts, fencing tokens, sizes, nulls', () => {
    const bindings = { token: 17, secret: null, bytes: 8_388_608, durationMs: 1.25, ok: true };
    expect(maskBindings(bindings)).toEqual(bindings);
  });

  it('shows of an error its type, message, stack, code and causes, and nothing else', () => {
    const cause = Object.assign(new Error('Key (recipient)=(+380501234567) exists'), {
      code: '23505',
      constraint: 'messages_pk',
      detail: 'row of 380501234567',
      where: 'opaque',
      parameters: ['opaque'],
    });
    const error = new TypeError('refused for tyr_live_abcdef', { cause });
    const { err } = maskBindings({ err: error }) as { err: Record<string, unknown> };
    expect(err).toMatchObject({
      type: 'TypeError',
      message: 'refused for tyr_live_[masked]',
      stack: expect.stringContaining('masking.spec'),
      cause: {
        type: 'Error',
        code: '23505',
        constraint: 'messages_pk',
        message: 'Key (recipient)=([masked]) exists',
      },
    });
    expect(JSON.stringify(err)).not.toMatch(/opaque|detail|where|38050|abcdef/);
  });

  it('ends on cyclic and endless values', () => {
    const cyclic: Record<string, unknown> = { list: Array.from({ length: 10_000 }, () => 1) };
    cyclic['self'] = cyclic;
    const error = new Error('a');
    error.cause = error;
    expect(JSON.stringify(maskBindings({ cyclic, error })).length).toBeLessThan(30_000);
  });

  it('shows neither bytes nor functions', () => {
    expect(maskBindings({ raw: Buffer.from('opaque'), call: () => 'opaque' })).toEqual({
      raw: '[6 bytes]',
      call: '[function]',
    });
  });
});
