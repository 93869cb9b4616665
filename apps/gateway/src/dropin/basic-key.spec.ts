import { describe, expect, it } from '@jest/globals';
import { basicKey } from './basic-key.js';

const key = 'tyr_live_3fK9aZ0bQ1xY_7sPq2LmN8vRt4WcXyZ0aBdEfGh';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('the key of an Authorization header', () => {
  it.each([
    `Basic ${base64(key)}`,
    `Basic ${base64(`${key}:`)}`,
    `basic  ${base64(key)} `,
    `Basic ${key}`,
    `Basic ${base64(base64(key))}`,
    `Basic ${base64(base64(`${key}:`))}`,
  ])('is read from %s', (header) => {
    expect(basicKey(header)).toBe(key);
  });

  it.each([undefined, '', 'Basic', `Bearer ${key}`, `Basic ${base64('user:password')}`, key])(
    'is none in %s',
    (header) => {
      expect(basicKey(header)).toBe('');
    },
  );
});
