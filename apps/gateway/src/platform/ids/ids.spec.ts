import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Clock } from '../clock/index.js';
import { Ids } from './ids.js';

class SetClock extends Clock {
  constructor(public at: number) {
    super();
  }

  override nowMs(): number {
    return this.at;
  }
}

const timeOf = (id: string): number => Number.parseInt(id.replace('-', '').slice(0, 12), 16);
const start = Date.parse('2026-03-01T12:00:00Z');

describe('an id', () => {
  it('is a UUIDv7 of the corrected time', () => {
    const id = new Ids(new SetClock(start + 0.7)).next();
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(timeOf(id)).toBe(start);
  });

  it('is greater than the one before, while the clock goes back by less than ten seconds at a time', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -900, max: 2_000 }), { minLength: 1, maxLength: 10 }),
        (steps) => {
          const clock = new SetClock(start);
          const ids = new Ids(clock);
          let before = ids.next();
          for (const step of steps) {
            clock.at += step;
            const id = ids.next();
            expect(id > before).toBe(true);
            before = id;
          }
        },
      ),
    );
  });

  it('comes back to the time where the clock was far ahead', () => {
    const clock = new SetClock(start + 3_600_000);
    const ids = new Ids(clock);
    ids.next();
    clock.at = start;
    expect(timeOf(ids.next())).toBe(start);
  });

  it('is given even where the clock is before the epoch', () => {
    expect(timeOf(new Ids(new SetClock(-5)).next())).toBe(0);
  });

  it('is never given twice in one millisecond', () => {
    const ids = new Ids(new SetClock(start));
    expect(new Set(Array.from({ length: 20_000 }, () => ids.next())).size).toBe(20_000);
  });
});
