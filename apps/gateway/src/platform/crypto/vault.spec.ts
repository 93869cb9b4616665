import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { MasterKeyMissing, MasterKeyWrong, SealBroken, Vault } from './vault.js';

const k1 = { id: 'k1', key: randomBytes(32) };
const k2 = { id: 'k2', key: randomBytes(32) };
const context = ['ten_1', 'connection 7', 'provider_key', '1'];

describe('Vault', () => {
  it.each(['', 'provider-key', 'Київ 🇺🇦', 'x'.repeat(10_000)])('opens what it sealed', (text) => {
    const vault = new Vault([k1]);
    expect(vault.open(vault.seal(text, context), context)).toBe(text);
  });

  it('never seals the same text alike, nor shows it', () => {
    const vault = new Vault([k1]);
    const [a, b] = [vault.seal('provider-key', context), vault.seal('provider-key', context)];
    expect(a).not.toBe(b);
    expect(a).toMatch(/^v1\.k1(\.[A-Za-z0-9_-]+){4}$/);
    expect(Buffer.from(a, 'base64url').toString('latin1')).not.toContain('provider-key');
  });

  it('opens in no other place', () => {
    const vault = new Vault([k1]);
    const sealed = vault.seal('secret', context);
    for (const [index] of context.entries()) {
      const other = context.with(index, `${context[index]}x`);
      expect(() => vault.open(sealed, other)).toThrow(SealBroken);
    }
    expect(() => vault.open(sealed, context.slice(0, -1))).toThrow(SealBroken);
    expect(() => vault.open(sealed, [context.join(',')])).toThrow(SealBroken);
  });

  it('refuses a value with any one bit flipped, also where base64 would not notice', () => {
    const vault = new Vault([k1, { id: 'k0', key: k1.key }]);
    const sealed = vault.seal('a secret of some length', context);
    for (let index = 0; index < sealed.length; index++) {
      for (let bit = 0; bit < 7; bit++) {
        const flipped = String.fromCharCode(sealed.charCodeAt(index) ^ (1 << bit));
        const broken = sealed.slice(0, index) + flipped + sealed.slice(index + 1);
        expect(() => vault.open(broken, context)).toThrow();
      }
    }
  });

  it.each(['', 'v1', 'v1.k1', 'v2.k1.a.b.c.d', 'v1.k1.a.b.c.d', 'plain text'])(
    'refuses %j, which no vault wrote',
    (text) => {
      expect(() => new Vault([k1]).open(text, context)).toThrow(SealBroken);
    },
  );

  it('refuses a cut tag', () => {
    const vault = new Vault([k1]);
    const parts = vault.seal('secret', context).split('.');
    const tag = Buffer.from(parts[5]!, 'base64url').subarray(0, 4).toString('base64url');
    expect(() => vault.open([...parts.slice(0, 5), tag].join('.'), context)).toThrow(SealBroken);
  });

  it('opens old values after a rotation and seals new ones with the new key', () => {
    const old = new Vault([k1]).seal('secret', context);
    const rotated = new Vault([k2, k1]);
    expect(rotated.open(old, context)).toBe('secret');
    expect(rotated.keyIdOf(rotated.seal('secret', context))).toBe('k2');
    expect(rotated.currentKeyId).toBe('k2');
  });

  it('rewraps without opening: the ciphertext stays, the old key is no longer needed', () => {
    const old = new Vault([k1]).seal('secret', context);
    const fresh = new Vault([k2, k1]).rewrap(old);
    expect(fresh.split('.').slice(3)).toEqual(old.split('.').slice(3));
    expect(new Vault([k2]).open(fresh, context)).toBe('secret');
    expect(new Vault([k2, k1]).rewrap(fresh)).toBe(fresh);
  });

  it('names the master key that is missing', () => {
    const sealed = new Vault([k1]).seal('secret', context);
    const without = new Vault([k2]);
    expect(() => without.open(sealed, context)).toThrow(MasterKeyMissing);
    expect(() => without.open(sealed, context)).toThrow(/the id k1,/);
    expect(() => without.assertOpens([without.seal('x', context), sealed])).toThrow(/the id k1,/);
    expect(() => new Vault([k2, k1]).assertOpens([sealed])).not.toThrow();
  });

  it('does not open with another key of the same id', () => {
    const sealed = new Vault([k1]).seal('secret', context);
    const other = new Vault([{ id: 'k1', key: randomBytes(32) }]);
    expect(() => other.open(sealed, context)).toThrow(SealBroken);
    expect(() => other.assertOpens([sealed])).toThrow(MasterKeyWrong);
    expect(() => other.assertOpens([sealed])).toThrow(/the id k1 in MASTER_KEY is not the one/);
  });

  it('is not taken for another key by one damaged value', () => {
    const vault = new Vault([k1]);
    const parts = vault.seal('secret', context).split('.');
    parts[2] = randomBytes(60).toString('base64url');
    expect(() => vault.assertOpens([parts.join('.')])).toThrow(MasterKeyWrong);
    expect(() =>
      vault.assertOpens([parts.join('.'), vault.seal('another', context)]),
    ).not.toThrow();
  });

  it('needs a key', () => {
    expect(() => new Vault([])).toThrow('MASTER_KEY holds no key');
  });
});
