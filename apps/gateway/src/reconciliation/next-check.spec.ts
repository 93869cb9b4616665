import { describe, expect, it } from '@jest/globals';
import { nextCheckInSeconds } from './next-check.js';

const hour = 3_600;

describe('a day is proved again', () => {
  it.each([
    ['today and yesterday, hourly', 'proved', 0, hour],
    ['today and yesterday, hourly', 'open', 1, hour],
    ['while messages are open, every six hours', 'open', 4, 6 * hour],
    ['once proved, daily', 'proved', 4, 24 * hour],
    ['hourly while it fails', 'failed', 4, hour],
    ['daily, where it is older than the window', 'open', 20, 24 * hour],
    ['daily, where it is older than the window', 'failed', 20, 24 * hour],
  ] as const)('%s', (_when, verdict, ageDays, seconds) => {
    expect(nextCheckInSeconds({ verdict, ageDays, wasProved: false, keptDays: 90 })).toBe(seconds);
  });

  it('until it was proved twice behind the window', () => {
    const facts = { verdict: 'proved', ageDays: 8, keptDays: 90 } as const;
    expect(nextCheckInSeconds({ ...facts, wasProved: false })).toBe(24 * hour);
    expect(nextCheckInSeconds({ ...facts, wasProved: true })).toBeNull();
    expect(nextCheckInSeconds({ ...facts, ageDays: 7, wasProved: true })).toBe(24 * hour);
  });

  it('never without its messages', () => {
    const facts = { verdict: 'failed', wasProved: false, keptDays: 14 } as const;
    expect(nextCheckInSeconds({ ...facts, ageDays: 12 })).toBe(24 * hour);
    expect(nextCheckInSeconds({ ...facts, ageDays: 13 })).toBeNull();
  });
});
