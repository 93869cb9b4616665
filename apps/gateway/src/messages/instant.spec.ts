import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readInstant } from './instant.js';

describe('an instant', () => {
  it.each([
    ['2026-03-01T09:00:00Z', '2026-03-01T09:00:00.000Z'],
    ['2026-03-01T09:00Z', '2026-03-01T09:00:00.000Z'],
    ['2026-03-01T11:00:00+02:00', '2026-03-01T09:00:00.000Z'],
    ['2026-03-01T03:30:00.123456-05:30', '2026-03-01T09:00:00.123Z'],
    ['2028-02-29T00:00:00Z', '2028-02-29T00:00:00.000Z'],
  ])('reads %s', (given, expected) => {
    expect(new Date(readInstant(given)!).toISOString()).toBe(expected);
  });

  it.each([
    ['without an offset', '2026-03-01T09:00:00'],
    ['a day alone', '2026-03-01'],
    ['a day that is not', '2026-02-30T09:00:00Z'],
    ['an hour that is not', '2026-03-01T25:00:00Z'],
    ['the 24th hour', '2026-03-01T24:00:00Z'],
    ['an offset that is not', '2026-03-01T09:00:00+99:00'],
    ['RFC 2822', 'Sun, 01 Mar 2026 09:00:00 GMT'],
    ['a number', 1772355600000],
    ['nothing', ''],
  ])('refuses %s', (_what, given) => {
    expect(readInstant(given)).toBeNull();
  });

  it('reads every time that we show', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true }),
        (date) => expect(readInstant(date.toISOString())).toBe(date.getTime()),
      ),
    );
  });
});
