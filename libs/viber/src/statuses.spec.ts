import { describe, expect, it } from '@jest/globals';
import { isFinalStatus, statusName, statusNumber } from './statuses.js';

describe('statuses', () => {
  it.each([
    [0, 'sent', false],
    [1, 'delivered', true],
    [2, 'error', true],
    [3, 'rejected', true],
    [4, 'undelivered', true],
    [5, 'pending', false],
    [20, 'unknown', false],
  ])('%i is %s (final: %s), and is found by its name', (status, name, final) => {
    expect(statusName(status)).toBe(name);
    expect(isFinalStatus(status)).toBe(final);
    expect(statusNumber(` ${name.toUpperCase()}`)).toBe(status);
  });

  it('status 2 is as final as the caller says', () => {
    expect(isFinalStatus(2, { status2Final: false })).toBe(false);
    expect(isFinalStatus(1, { status2Final: false })).toBe(true);
  });

  it('a status that nobody has documented has no name and ends nothing', () => {
    expect(statusName(77)).toBeNull();
    expect(isFinalStatus(77)).toBe(false);
    expect(statusNumber('seen')).toBeNull();
    expect(statusNumber('constructor')).toBeNull();
  });
});
