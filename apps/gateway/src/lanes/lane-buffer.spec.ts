import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { beforeAll, LaneBuffer, mostOfALine, type Candidate } from './lane-buffer.js';

const candidate = (messageId: string, line: 0 | 1 | 2 = 1, pos = messageId): Candidate => ({
  messageId,
  class: line,
  pos,
});
const idsOf = (candidates: readonly Candidate[]): string[] =>
  candidates.map(({ messageId }) => messageId);

describe('the buffer of a lane', () => {
  it('holds its rows in their order, whatever the order in which they were read', () => {
    const rows = fc.uniqueArray(
      fc.tuple(fc.uuid({ version: 7 }), fc.constantFrom<0 | 1 | 2>(0, 1, 2)),
      {
        selector: ([id]) => id,
      },
    );
    fc.assert(
      fc.property(rows, (read) => {
        const buffer = new LaneBuffer();
        for (const [id, line] of read) buffer.add(candidate(id, line));
        expect(buffer.size).toBe(read.length);
        const taken = idsOf(buffer.take(buffer.waiting));
        const expected = ([0, 1, 2] as const).flatMap((line) =>
          read
            .filter(([, of]) => of === line)
            .map(([id]) => id)
            .toSorted((a, b) => (a < b ? -1 : 1)),
        );
        expect(taken).toEqual(expected);
        expect(buffer.size).toBe(0);
      }),
    );
  });

  it('gives the oldest of all classes', () => {
    const buffer = new LaneBuffer();
    expect(buffer.takeOldest()).toEqual([]);
    for (const row of [candidate('c', 0), candidate('b', 2), candidate('a', 1), candidate('d', 1)])
      buffer.add(row);
    const oldest = Array.from({ length: 5 }, () => idsOf(buffer.takeOldest()));
    expect(oldest).toEqual([['a'], ['b'], ['c'], ['d'], []]);
    expect(buffer.size).toBe(0);
  });

  it('takes as many of each class as asked', () => {
    const buffer = new LaneBuffer();
    for (const id of ['a', 'b', 'c']) buffer.add(candidate(id, 0));
    for (const id of ['d', 'e']) buffer.add(candidate(id, 2));
    expect(idsOf(buffer.take([1, 5, 1]))).toEqual(['a', 'd']);
    expect(buffer.waiting).toEqual([2, 0, 1]);
  });

  it('knows a row until it is forgotten, on its way too', () => {
    const buffer = new LaneBuffer();
    buffer.add(candidate('a'));
    buffer.add(candidate('a'));
    expect(buffer.size).toBe(1);
    buffer.take([0, 1, 0]);
    buffer.add(candidate('a'));
    expect(buffer.size).toBe(0);
    expect(buffer.knownSize).toBe(1);
    buffer.forget('a');
    buffer.add(candidate('a'));
    expect(buffer.size).toBe(1);
  });

  it('puts a row that came back where it stood', () => {
    const buffer = new LaneBuffer();
    for (const id of ['a', 'b', 'c', 'd']) buffer.add(candidate(id));
    const [a, b] = buffer.take([0, 2, 0]);
    buffer.add(candidate('bb', 1, 'bb'));
    for (const row of [b, a]) buffer.putBack(row as Candidate);
    expect(idsOf(buffer.take([0, 9, 0]))).toEqual(['a', 'b', 'bb', 'c', 'd']);
  });

  it('keeps the oldest of a class, and goes back to before what it let go', () => {
    const buffer = new LaneBuffer();
    const place = (n: number): string => String(n).padStart(6, '0');
    for (let n = 10; n < 10 + mostOfALine; n += 1) buffer.add(candidate(place(n)));
    const last = place(9 + mostOfALine);
    buffer.moveOn(1, last);
    expect(buffer.position(1)).toBe(last);

    // Younger than all: let go at once, and reading does not pass it by.
    const younger = place(20 + mostOfALine);
    buffer.add(candidate(younger));
    buffer.moveOn(1, younger);
    expect(buffer.waiting).toEqual([0, mostOfALine, 0]);
    expect(buffer.position(1)).toBe(last);

    // A late commit takes its place before all, for which the youngest goes.
    buffer.add(candidate(place(1)));
    expect(buffer.waiting).toEqual([0, mostOfALine, 0]);
    expect(buffer.knownIn(1)).toBe(mostOfALine);
    expect(buffer.position(1)).toBe(place(8 + mostOfALine));
    expect(idsOf(buffer.take([0, 2, 0]))).toEqual([place(1), place(10)]);

    // What was let go is read again as if for the first time; the other classes were never touched.
    buffer.add(candidate(last));
    buffer.add(candidate(younger));
    buffer.moveOn(1, younger);
    expect(idsOf(buffer.take([0, mostOfALine, 0])).slice(-2)).toEqual([last, younger]);
    expect(buffer.position(1)).toBe(younger);
    expect([buffer.position(0), buffer.position(2)]).toEqual([beforeAll, beforeAll]);
  });
});
