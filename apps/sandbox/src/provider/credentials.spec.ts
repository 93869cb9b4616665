import { describe, expect, it } from '@jest/globals';
import { keyOf } from './credentials.js';

const base64 = (text: string) => Buffer.from(text, 'latin1').toString('base64');

describe('the key in an Authorization header', () => {
  it('is found in base64 of KEY without a colon', () => {
    expect(keyOf(`Basic ${base64('4f2a-KEY')}`)).toBe('4f2a-KEY');
  });

  it('is found in base64 of KEY with a colon, as libcurl sends it', () => {
    expect(keyOf(`Basic ${base64('4f2a-KEY:')}`)).toBe('4f2a-KEY');
  });

  it('is the string itself where that is no base64 of something printable', () => {
    expect(keyOf('Basic 3f9d2c71aa04')).toBe('3f9d2c71aa04');
    expect(keyOf('Basic my_own-key!')).toBe('my_own-key!');
  });

  it('is the same with and without padding, and for any case of the scheme', () => {
    const padded = base64('KEYS');
    expect(padded).toContain('=');
    expect(keyOf(`basic ${padded.replaceAll('=', '')}`)).toBe('KEYS');
    expect(keyOf(`BASIC ${padded}`)).toBe('KEYS');
  });

  it.each([undefined, '', 'Basic', 'Basic ', 'Bearer abc', `Basic ${base64(':')}`])(
    'is absent in %s',
    (header) => expect(keyOf(header)).toBeNull(),
  );
});
