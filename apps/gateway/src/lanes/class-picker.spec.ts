import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ClassPicker } from './class-picker.js';

type Counts = [number, number, number];

const total = (counts: Counts): number => counts[0] + counts[1] + counts[2];

/** What goes out over many ticks while the backlog never ends. */
function run(waiting: Counts, tokens: readonly number[]): Counts {
  const picker = new ClassPicker();
  const sum: Counts = [0, 0, 0];
  for (const given of tokens) {
    picker.pick(given, waiting).forEach((count, line) => (sum[line as 0] += count));
  }
  return sum;
}

const counts = fc.tuple(fc.nat(30), fc.nat(30), fc.nat(30));

describe('the picker of classes', () => {
  it('gives out every token that somebody waits for, and no other', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(40), counts), { minLength: 1 }), (ticks) => {
        const picker = new ClassPicker();
        for (const [tokens, waiting] of ticks) {
          const picked = picker.pick(tokens, waiting);
          expect(total(picked)).toBe(Math.min(tokens, total(waiting)));
          picked.forEach((count, line) => {
            expect(count).toBeGreaterThanOrEqual(0);
            expect(count).toBeLessThanOrEqual(waiting[line] as number);
          });
        }
      }),
    );
  });

  it.each<{ waiting: Counts; parts: Counts }>([
    { waiting: [1_000, 1_000, 1_000], parts: [0.8, 0.1, 0.1] },
    { waiting: [1_000, 1_000, 0], parts: [0.9, 0.1, 0] },
    { waiting: [1_000, 0, 1_000], parts: [0.9, 0, 0.1] },
    { waiting: [0, 1_000, 1_000], parts: [0, 0.9, 0.1] },
    { waiting: [0, 0, 1_000], parts: [0, 0, 1] },
  ])('divides tokens among $waiting as $parts, in however small portions', ({ waiting, parts }) => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 100, maxLength: 200 }),
        (tokens) => {
          const picked = run(waiting, tokens);
          parts.forEach((part, line) => {
            expect(Math.abs((picked[line] as number) - part * total(picked))).toBeLessThanOrEqual(
              2,
            );
          });
        },
      ),
    );
  });

  it('sends urgent ones first', () => {
    expect(new ClassPicker().pick(5, [3, 10, 10])).toEqual([3, 2, 0]);
  });

  it('saves nothing up for a class that had nothing to send', () => {
    const picker = new ClassPicker();
    for (let tick = 0; tick < 100; tick += 1) picker.pick(1, [10, 0, 0]);
    expect(picker.pick(5, [10, 10, 10])).toEqual([5, 0, 0]);
  });
});
