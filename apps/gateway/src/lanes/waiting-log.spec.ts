import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { WaitingLog } from './waiting-log.js';

describe('the waiting log', () => {
  it('tells what a message waited for, longest first', () => {
    const log = new WaitingLog();
    log.note('rate_limit', 0);
    log.note('breaker_open', 1_000);
    log.note(null, 4_000);
    expect(log.between(0, 4_000)).toEqual([
      { reason: 'breaker_open', ms: 3_000 },
      { reason: 'rate_limit', ms: 1_000 },
    ]);
  });

  it('counts only from when the message was queued, and what is not explained as its turn', () => {
    const log = new WaitingLog();
    log.note('account_paused', 0);
    log.note(null, 5_000);
    expect(log.between(3_000, 9_000)).toEqual([
      { reason: 'turn', ms: 4_000 },
      { reason: 'account_paused', ms: 2_000 },
    ]);
  });

  it('counts a wait that has not ended', () => {
    const log = new WaitingLog();
    log.note('balance_empty', 1_000);
    expect(log.between(0, 3_000)[0]).toEqual({ reason: 'balance_empty', ms: 2_000 });
  });

  it('says nothing of what is not worth telling', () => {
    const log = new WaitingLog();
    log.note('rate_limit', 0);
    expect(log.between(0, 249)).toEqual([]);
    log.note('sockets_busy', 1_000);
    log.note(null, 1_100);
    expect(log.between(0, 1_100)).toEqual([{ reason: 'rate_limit', ms: 1_000 }]);
  });

  it('shows what the lane waits for now, and since when', () => {
    const log = new WaitingLog();
    expect(log.current).toBeNull();
    log.note('breaker_open', 500);
    log.note('breaker_open', 900);
    expect(log.current).toEqual({ reason: 'breaker_open', sinceMs: 500 });
    log.note(null, 1_000);
    expect(log.current).toBeNull();
  });

  it('explains minutes of a paced lane, which stops waiting for a moment at each token', () => {
    const log = new WaitingLog();
    for (let nowMs = 0; nowMs < 120_000; nowMs += 50) {
      log.note(null, nowMs);
      log.note('rate_limit', nowMs + 10);
    }
    const [longest] = log.between(0, 120_000);
    expect(longest?.reason).toBe('rate_limit');
    expect(longest?.ms).toBeGreaterThan(119_000);
    expect(log.current).toEqual({ reason: 'rate_limit', sinceMs: 10 });
  });

  it('does not join waits that were apart', () => {
    const log = new WaitingLog();
    log.note('rate_limit', 0);
    log.note(null, 1_000);
    log.note('rate_limit', 2_000);
    expect(log.between(0, 3_000)).toEqual([
      { reason: 'rate_limit', ms: 2_000 },
      { reason: 'turn', ms: 1_000 },
    ]);
  });

  it('never tells more than the time that has passed, nor a negative time', () => {
    const notes = fc.array(
      fc.tuple(fc.constantFrom(null, 'a', 'b', 'c'), fc.integer({ min: 0, max: 2_000 })),
    );
    fc.assert(
      fc.property(notes, fc.nat(20_000), (steps, from) => {
        const log = new WaitingLog();
        let nowMs = 0;
        for (const [reason, step] of steps) log.note(reason, (nowMs += step));
        const told = log.between(Math.min(from, nowMs), nowMs);
        const sum = told.reduce((all, { ms }) => all + ms, 0);
        expect(sum).toBeLessThanOrEqual(nowMs - Math.min(from, nowMs));
        expect(told.every(({ ms }) => ms >= 250)).toBe(true);
      }),
    );
  });
});
