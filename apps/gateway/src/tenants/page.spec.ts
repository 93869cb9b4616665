import { describe, expect, it } from '@jest/globals';
import { InvalidCursor, pageOf, readPageRequest } from './page.js';

const ids = [3, 2, 1].map((n) => ({ id: `0190000${n}-0000-7000-8000-000000000000` }));

describe('pages', () => {
  it('has a cursor to the rest where there is one, and it can be read again', () => {
    const { rows, nextCursor } = pageOf(ids, 2);
    expect(rows).toEqual(ids.slice(0, 2));
    const next = readPageRequest({ limit: 2, cursor: nextCursor as string });
    expect(next).toEqual({ limit: 2, after: ids[1]?.id });
  });

  it.each([3, 4])('has none on the last page, limit %i of 3 rows', (limit) => {
    expect(pageOf(ids, limit)).toEqual({ rows: ids, nextCursor: null });
  });

  it.each(['', 'x', 'msg_01jf8z5v3we2r9n6k4q7t0xyzb', '!'.repeat(22)])(
    'refuses the cursor %j',
    (cursor) => {
      expect(() => readPageRequest({ limit: 1, cursor })).toThrow(InvalidCursor);
    },
  );
});
