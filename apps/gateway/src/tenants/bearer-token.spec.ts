import { describe, expect, it } from '@jest/globals';
import { bearerToken } from './bearer-token.js';

describe('bearerToken', () => {
  it.each([
    ['Bearer abc', 'abc'],
    ['bearer  abc ', 'abc'],
    [undefined, ''],
    ['', ''],
    ['Basic abc', ''],
    ['Bearer', ''],
    ['Bearer a b', ''],
    [`Bearer ${'x'.repeat(5_000)}`, ''],
  ])('reads %j as %j', (header, token) => {
    expect(bearerToken(header)).toBe(token);
  });
});
