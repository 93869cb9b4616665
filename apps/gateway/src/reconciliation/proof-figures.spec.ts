import { describe, expect, it } from '@jest/globals';
import {
  countedStatuses,
  differingLines,
  figuresOf,
  keyOfMiss,
  unexplained,
  verdictOf,
  type DaySums,
  type Miss,
  type MissKind,
} from './proof-figures.js';

const none = Object.fromEntries(countedStatuses.map((status) => [status, 0])) as Record<
  (typeof countedStatuses)[number],
  number
>;
const sums = (counted: object, found: object, open = 0): DaySums => ({
  counted: { ...none, accepted: 0, ...counted },
  found: { ...none, accepted: 0, ...found },
  open,
  orphaned_callbacks: 0,
  open_intents: 0,
  leaving_window: 0,
});
const miss = (kind: MissKind, id: string, given: Partial<Miss> = {}): Miss => ({
  kind,
  messageId: id,
  status: null,
  expected: null,
  what: null,
  ...given,
});

describe('the figures', () => {
  it('call open what the counters leave over, against what is worked on', () => {
    const figures = figuresOf(
      sums({ accepted: 5, delivered: 2, expired: 1 }, { accepted: 5, delivered: 2, expired: 1 }, 2),
    );
    expect(figures.lines.open).toEqual({ counted: 2, found: 2 });
    expect(differingLines(figures)).toEqual([]);
    expect(verdictOf(figures, [])).toBe('open');
  });

  it('are proved where nothing is open, and fail by a line or by a miss alone', () => {
    const proved = figuresOf(sums({ accepted: 1, failed: 1 }, { accepted: 1, failed: 1 }));
    expect(verdictOf(proved, [])).toBe('proved');
    expect(verdictOf(proved, [miss('event_missing', 'a')])).toBe('failed');
    const failed = figuresOf(sums({ accepted: 1, failed: 1 }, { accepted: 1 }));
    expect(verdictOf(failed, [])).toBe('failed');
  });
});

describe('what no message explains', () => {
  const lost = figuresOf(sums({ accepted: 3, delivered: 3 }, { accepted: 2, delivered: 2 }));

  it('is nothing where as many are named as differ', () => {
    expect(unexplained(lost, [miss('message_missing', 'a', { expected: 'delivered' })])).toEqual(
      [],
    );
    // It has no timeline any more: its end may have been any.
    expect(unexplained(lost, [miss('message_missing', 'a')])).toEqual([]);
  });

  it('is each line that differs by more than is named', () => {
    const lines = (misses: Miss[]) => unexplained(lost, misses).map(({ what }) => what);
    expect(lines([])).toEqual([
      'accepted: 3 counted, 2 found, 0 named',
      'delivered: 3 counted, 2 found, 0 named',
    ]);
    expect(lines([miss('message_missing', 'a', { expected: 'expired' })])).toEqual([
      'delivered: 3 counted, 2 found, 0 named',
    ]);
    // Two misses of one message explain one difference.
    const twice = figuresOf(sums({ accepted: 3, delivered: 3 }, { accepted: 1, delivered: 1 }));
    const one = miss('message_missing', 'a', { expected: 'delivered' });
    expect(
      unexplained(twice, [one, miss('event_missing', 'a', { status: 'delivered' })]),
    ).toHaveLength(2);
  });

  it('is not told twice: open follows from the other lines', () => {
    const figures = figuresOf(sums({ accepted: 1, delivered: 1 }, { accepted: 1 }, 0));
    expect(unexplained(figures, []).map(keyOfMiss)).toEqual(['counter_differs//delivered']);
    const openAlone = figuresOf(sums({ accepted: 1 }, { accepted: 1 }, 0));
    expect(unexplained(openAlone, []).map(keyOfMiss)).toEqual(['counter_differs//open']);
  });
});
