import { describe, expect, it } from '@jest/globals';
import { canonicalHash, equalInConstantTime, fingerprint, sha256 } from './digest.js';

const secret = Buffer.alloc(32, 1);

describe('sha256', () => {
  it('is SHA-256', () => {
    const expected = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    expect(sha256('abc').toString('hex')).toBe(expected);
    expect(sha256(Buffer.from('abc')).toString('hex')).toBe(expected);
  });
});

describe('equalInConstantTime', () => {
  it('tells equal from unequal, at any length', () => {
    expect(equalInConstantTime('abc', 'abc')).toBe(true);
    expect(equalInConstantTime('abc', Buffer.from('abc'))).toBe(true);
    expect(equalInConstantTime('abc', 'abd')).toBe(false);
    expect(equalInConstantTime('abc', 'ab')).toBe(false);
    expect(equalInConstantTime('', '')).toBe(true);
  });
});

describe('fingerprint', () => {
  it('recognises an equal text under the same secret only', () => {
    expect(fingerprint(secret, 'key')).toEqual(fingerprint(secret, 'key'));
    expect(fingerprint(secret, 'key')).not.toEqual(fingerprint(secret, 'kez'));
    expect(fingerprint(Buffer.alloc(32, 2), 'key')).not.toEqual(fingerprint(secret, 'key'));
    expect(fingerprint(secret, 'key')).toHaveLength(32);
  });
});

describe('canonicalHash', () => {
  const hashOf = (json: string) => canonicalHash(JSON.parse(json)).toString('hex');

  it('is the same for any order of keys, at any depth, and for any spacing', () => {
    expect(hashOf('{"a":1,"b":{"c":[{"x":1,"y":2}],"d":null}}')).toBe(
      hashOf('{ "b": {"d": null, "c": [{"y": 2.0, "x": 1}]}, "a": 1 }'),
    );
  });

  it.each([
    ['{"a":1}', '{"a":"1"}'],
    ['{"a":1}', '{"a":1,"b":null}'],
    ['[1,2]', '[2,1]'],
    ['{"a":{"b":1}}', '{"a":"{\\"b\\":1}"}'],
    ['["a","b"]', '["a,b"]'],
    ['{"a":[]}', '{"a":{}}'],
    ['{"a":"é"}', '{"a":"e\\u0301"}'],
  ])('tells %s from %s', (one, other) => {
    expect(hashOf(one)).not.toBe(hashOf(other));
  });

  it('stays the same from release to release, as it is stored for days', () => {
    expect(hashOf('{"text":"Привіт","recipient":380501234567,"n":[true,null]}')).toBe(
      '91cee7497d3f20a43508d6ac2ed9e1ef3dee8d64b2479395f6b1650d160f07f3',
    );
  });
});
