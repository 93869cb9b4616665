import { describe, expect, it } from '@jest/globals';
import { nextPollInMs } from './poll-schedule.js';

const hourMs = 3_600_000;
const windowMs = 5 * 24 * hourMs;
const lastHoursMs = 6 * hourMs;

/** When a message is asked for that never becomes final, in milliseconds after it was sent. */
function pollsOf(validityMs: number): number[] {
  const polls: number[] = [];
  let nowMs = 30_000;
  while (nowMs < windowMs) {
    polls.push(nowMs);
    const nextMs = nowMs + nextPollInMs(polls.length, nowMs, validityMs);
    // Before the window closes the reconciler puts every message in front, and it is asked for hourly.
    const isLast = nowMs >= windowMs - lastHoursMs;
    nowMs = isLast
      ? Math.min(nextMs, nowMs + hourMs)
      : Math.min(nextMs, Math.max(nowMs + 1, windowMs - lastHoursMs));
  }
  return polls;
}

describe('the polls of a message', () => {
  it('begin 30 seconds after sending and double to an hour', () => {
    const seconds = pollsOf(24 * hourMs)
      .slice(0, 9)
      .map((ms) => ms / 1_000);
    expect(seconds).toEqual([30, 90, 210, 450, 930, 1_890, 3_810, 7_410, 11_010]);
  });

  it('come every six hours once the validity has been over for an hour', () => {
    expect(nextPollInMs(7, 10 * hourMs, 9 * hourMs)).toBe(hourMs);
    expect(nextPollInMs(7, 10 * hourMs + 1, 9 * hourMs)).toBe(6 * hourMs);
    expect(nextPollInMs(0, 10 * hourMs + 1, 9 * hourMs)).toBe(6 * hourMs);
  });

  it.each([
    { validity: 'the shortest', ms: 40_000, least: 28, most: 36 },
    { validity: 'an hour', ms: hourMs, least: 28, most: 36 },
    { validity: 'the longest that the provider takes', ms: 6 * hourMs, least: 32, most: 40 },
    { validity: 'a day', ms: 24 * hourMs, least: 45, most: 55 },
    { validity: 'three days', ms: 72 * hourMs, least: 80, most: 95 },
  ])('are between $least and $most in five days for $validity', ({ ms, least, most }) => {
    const polls = pollsOf(ms).length;
    expect(polls).toBeGreaterThanOrEqual(least);
    expect(polls).toBeLessThanOrEqual(most);
  });

  it('never overflow, however many there were', () => {
    expect(nextPollInMs(5_000, 0, hourMs)).toBe(hourMs);
  });
});
