import { describe, expect, it } from '@jest/globals';
import { sha256 } from '../platform/crypto/index.js';
import { makeApiKey, readApiKey } from './api-key-secret.js';

describe('makeApiKey', () => {
  it('makes keys of letters and digits that it can read again', () => {
    for (let round = 0; round < 200; round++) {
      const text = makeApiKey();
      expect(text).toMatch(/^tyr_live_[0-9A-Za-z]{12}_[0-9A-Za-z]{43}$/);
      expect(readApiKey(text)).toEqual({ prefix: text.slice(9, 21), hash: sha256(text) });
    }
  });

  it('uses all 256 bits: every place of the secret takes many values', () => {
    const secrets = Array.from({ length: 400 }, () => makeApiKey().slice(-43));
    for (let place = 1; place < 43; place++) {
      expect(new Set(secrets.map((secret) => secret[place])).size).toBeGreaterThan(40);
    }
  });
});

describe('readApiKey', () => {
  it.each([
    '',
    'tyr_live_',
    'tyr_live_abc_short',
    'tyr_test_4f9Qx2LmZ7aB_0123456789abcdef0123',
    'tyr_live_4f9Qx2LmZ7aB_0123456789abcdef0123 ',
    `tyr_live_4f9Qx2LmZ7aB_${'x'.repeat(129)}`,
    'tyr_live_4f9Q%2LmZ7aB_0123456789abcdef0123',
  ])('does not take %j for a key', (text) => {
    expect(readApiKey(text)).toBeNull();
  });

  it('reads a key that a developer made up', () => {
    expect(readApiKey('tyr_live_dev_0123456789abcdef')?.prefix).toBe('dev');
  });
});
