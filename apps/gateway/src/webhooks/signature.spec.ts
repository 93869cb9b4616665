import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { makeSigningSecret, sign } from './signature.js';

const now = Date.now();
const body = '{"type":"message.delivered","data":{"text":"Привіт 🙂"}}';

/** What an independent implementation of Standard Webhooks says. */
function accepts(secret: string, text: string, headers: object): boolean {
  try {
    new Webhook(secret).verify(text, headers as Record<string, string>);
    return true;
  } catch {
    return false;
  }
}

describe('a signature', () => {
  it('is the one that the specification shows', () => {
    const headers = sign(
      ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
      'msg_p5jXN8AQM9LWM0D4loKWxJek',
      1_614_265_330_000,
      '{"test": 2432232314}',
    );
    expect(headers).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('is accepted by another implementation, whatever the body', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const secret = makeSigningSecret();
        // Some implementations give the parsed body back.
        const json = JSON.stringify({ text });
        expect(accepts(secret, json, sign([secret], 'evt_1', now, json))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('is accepted by the old and by the new secret while they overlap', () => {
    const [old, fresh, other] = [makeSigningSecret(), makeSigningSecret(), makeSigningSecret()];
    const headers = sign([fresh, old], 'evt_1', now, body);
    expect([old, fresh, other].map((secret) => accepts(secret, body, headers))).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('is refused where anything of it was changed', () => {
    const secret = makeSigningSecret();
    const headers = sign([secret], 'evt_1', now, body);
    const signature = headers['webhook-signature'];
    const flipped = (signature[10] === 'A' ? 'B' : 'A') + signature.slice(11);
    for (const [text, changed] of [
      [`${body} `, headers],
      [body, { ...headers, 'webhook-id': 'evt_2' }],
      [body, { ...headers, 'webhook-timestamp': String(Math.floor(now / 1_000) - 1) }],
      [body, { ...headers, 'webhook-signature': signature.slice(0, 10) + flipped }],
      [body, { ...headers, 'webhook-signature': signature.replace('v1,', 'v2,') }],
      [body, sign([secret], 'evt_1', now - 3_600_000, body)],
    ] as const) {
      expect(accepts(secret, text, changed)).toBe(false);
    }
    expect(accepts(secret, body, headers)).toBe(true);
  });
});

describe('a signing secret', () => {
  it('is whsec_ and 32 random bytes', () => {
    const secrets = Array.from({ length: 100 }, makeSigningSecret);
    expect(new Set(secrets).size).toBe(100);
    for (const secret of secrets) expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  });
});
