import { describe, expect, it } from '@jest/globals';
import { InvalidCursor } from '../tenants/index.js';
import { isDay, readProofCursor, writeProofCursor } from './proof-cursor.js';

const tenantId = '01890a5d-ac96-774b-bcce-b302099a8057';

describe('a cursor in a list of days', () => {
  it.each([true, false])('gives back the place that it was made from', (isFailed) => {
    const place = { isFailed, day: '2026-03-01', tenantId };
    expect(readProofCursor(writeProofCursor(place))).toEqual(place);
  });

  it.each([
    '',
    'x',
    'f20260301',
    'n20260231AYkKXayWd0u8zrMCCZqAVw',
    'q20260301AYkKXayWd0u8zrMCCZqAVw',
  ])('is refused where no list has given it: %s', (cursor) => {
    expect(() => readProofCursor(cursor)).toThrow(InvalidCursor);
  });
});

describe('a day', () => {
  it.each([
    ['2026-03-01', true],
    ['2028-02-29', true],
    ['2026-02-29', false],
    ['2026-13-01', false],
    ['2026-3-1', false],
    ['today', false],
  ])('%s: %s', (text, is) => {
    expect(isDay(text)).toBe(is);
  });
});
