import { describe, expect, it } from '@jest/globals';
import { waitAfter } from './retry-schedule.js';

describe('the schedule of attempts', () => {
  it('is 0, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h, and then the end', () => {
    const waits = Array.from({ length: 10 }, (_, index) => waitAfter(index + 1, 0.5));
    const seconds = waits.map((wait) => (wait === null ? null : wait / 1_000));
    expect(seconds).toEqual([5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400, null]);
  });

  it('strays by a tenth to either side', () => {
    expect([0, 1].map((random) => waitAfter(2, random))).toEqual([270_000, 330_000]);
  });
});
