import { describe, expect, it } from '@jest/globals';
import { highestId, lowestId, smallestIdAt, timeOfId } from './id-time.js';
import { idBounds, pageFrom, visibleAccounts } from './page-frontier.js';

const row = (id: string) => ({ id, examined: 10, last_examined_id: 'z' });
const nothing = (examined: number) => ({
  id: null,
  examined,
  last_examined_id: examined ? 'z' : null,
});

describe('a page', () => {
  it('goes on below its last row where there is one more', () => {
    const { rows, nextBefore } = pageFrom([row('c'), row('b'), row('a')], 2, 10);
    expect(rows.map(({ id }) => id)).toEqual(['c', 'b']);
    expect(nextBefore).toBe('b');
  });

  it('goes on below the last row that it looked at, where it looked at as many as it may', () => {
    expect(pageFrom([row('c')], 2, 10)).toMatchObject({ nextBefore: 'z' });
    expect(pageFrom([nothing(10)], 2, 10)).toEqual({ rows: [], nextBefore: 'z' });
  });

  it('is the last one where it looked at all there is', () => {
    expect(pageFrom([row('c')], 2, 11)).toMatchObject({ nextBefore: null });
    expect(pageFrom([nothing(0)], 2, 10)).toEqual({ rows: [], nextBefore: null });
  });
});

describe('the bounds of a page', () => {
  it('are the span of time, or where the page before ended', () => {
    expect(idBounds(null, null, null)).toEqual([highestId, lowestId]);
    expect(idBounds(1_000, 2_000, null)).toEqual([smallestIdAt(2_000), smallestIdAt(1_000)]);
    expect(idBounds(null, 2_000, smallestIdAt(1_500))[0]).toBe(smallestIdAt(1_500));
    expect(idBounds(null, 2_000, smallestIdAt(2_500))[0]).toBe(smallestIdAt(2_000));
  });

  it('hold any instant', () => {
    for (const at of [0, 1, Date.parse('2026-03-01'), Date.parse('9999-12-31')]) {
      expect(timeOfId(smallestIdAt(at))).toBe(at);
    }
    expect(smallestIdAt(-1)).toBe(smallestIdAt(0));
  });
});

describe('the accounts of a list', () => {
  const all = { tenantId: 't', accountIds: null };
  const some = { tenantId: 't', accountIds: ['a', 'b'] };

  it('are those that the viewer may see and asks for', () => {
    expect(visibleAccounts(all, null)).toBeNull();
    expect(visibleAccounts(all, 'c')).toEqual(['c']);
    expect(visibleAccounts(some, null)).toEqual(['a', 'b']);
    expect(visibleAccounts(some, 'b')).toEqual(['b']);
    expect(visibleAccounts(some, 'c')).toEqual([]);
  });
});
