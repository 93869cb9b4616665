import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Breaker } from './breaker.js';

type Outcome = 'known' | 'unknown';

function after(outcomes: readonly Outcome[], nowMs = 0): Breaker {
  const breaker = new Breaker();
  for (const outcome of outcomes) breaker.record(outcome, nowMs);
  return breaker;
}

const unknowns = (count: number): Outcome[] => Array.from({ length: count }, () => 'unknown');
const fourOfFive: Outcome[] = ['known', ...unknowns(4)];

describe('a breaker', () => {
  it('opens at the fifth unknown in a row, not before', () => {
    expect(after(unknowns(4)).isClosed).toBe(true);
    expect(after(unknowns(5)).isClosed).toBe(false);
    expect(after([...unknowns(4), 'known', ...unknowns(4)]).isClosed).toBe(true);
  });

  it('opens when half of the last twenty are unknown, and needs twenty to say so', () => {
    const alternating = Array.from({ length: 20 }, (_, index): Outcome =>
      index % 2 ? 'unknown' : 'known',
    );
    expect(after(alternating.slice(1)).isClosed).toBe(true);
    expect(after(alternating).isClosed).toBe(false);
  });

  it('forgets what is older than twenty', () => {
    const nine = [...fourOfFive, ...fourOfFive, 'known', 'unknown'] as Outcome[];
    const good = Array.from({ length: 20 }, (): Outcome => 'known');
    expect(after([...nine, ...good, ...nine]).isClosed).toBe(true);
  });

  it('opens exactly when its rule says, for any outcomes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom<Outcome>('known', 'unknown'), { maxLength: 60 }),
        (outcomes) => {
          const breaker = new Breaker();
          let expected = true;
          outcomes.forEach((outcome, index) => {
            breaker.record(outcome, 0);
            const seen = outcomes.slice(0, index + 1);
            const row = seen.slice(-5);
            const window = seen.slice(-20);
            const five = row.length === 5 && row.every((one) => one === 'unknown');
            const half =
              window.length === 20 && window.filter((one) => one === 'unknown').length >= 10;
            expected &&= !five && !half;
            expect(breaker.isClosed).toBe(expected);
          });
        },
      ),
    );
  });

  it('asks harmlessly after a second, then tries one message, and closes by its known outcome only', () => {
    const breaker = after(unknowns(5), 100);
    expect(breaker.retryAtMs).toBe(1_100);
    expect(breaker.mayProbe(1_099)).toBe(false);
    expect(breaker.mayProbe(1_100)).toBe(true);
    expect(breaker.mayTry).toBe(false);
    breaker.probeSucceeded(1_000);
    expect(breaker.isClosed).toBe(false);
    expect(breaker.mayProbe(2_000)).toBe(false);
    expect(breaker.mayTry).toBe(true);
    breaker.tryStarted(1_200);
    expect(breaker.mayTry).toBe(false);
    breaker.tried('known', 1_300);
    expect(breaker.isClosed).toBe(true);
    expect(breaker.retryAtMs).toBeNull();
  });

  it('is not moved by calls that were under way when it opened', () => {
    const breaker = after(unknowns(5), 0);
    breaker.record('unknown', 900);
    expect(breaker.retryAtMs).toBe(1_000);
    breaker.probeSucceeded(1_000);
    breaker.tryStarted(1_000);
    breaker.record('known', 1_001);
    expect(breaker.isClosed).toBe(false);
    breaker.record('unknown', 1_002);
    expect(breaker.retryAtMs).toBe(1_000);
    expect(breaker.mayTry).toBe(false);
  });

  it('lets another be tried where the trial came to no call', () => {
    const breaker = after(unknowns(5), 0);
    breaker.probeSucceeded(1_000);
    breaker.tryStarted(1_000);
    breaker.tried('none', 1_010);
    expect(breaker.isClosed).toBe(false);
    expect(breaker.mayTry).toBe(true);
  });

  it('waits twice as long after each failed probe or trial, a minute at most', () => {
    const breaker = after(unknowns(5), 0);
    const waits: number[] = [];
    let nowMs = 0;
    for (let round = 0; round < 9; round += 1) {
      const retryAtMs = breaker.retryAtMs as number;
      waits.push(retryAtMs - nowMs);
      nowMs = retryAtMs;
      if (round % 2 === 0) breaker.probeFailed(nowMs);
      else {
        breaker.probeSucceeded(1_000);
        breaker.tryStarted(nowMs);
        breaker.tried('unknown', nowMs);
      }
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * 1_000));
  });

  it('starts with a clean sheet once it has closed', () => {
    const breaker = after(unknowns(5), 0);
    breaker.probeFailed(1_000);
    breaker.probeSucceeded(1_000);
    breaker.tryStarted(3_000);
    breaker.tried('known', 3_100);
    for (const outcome of unknowns(4)) breaker.record(outcome, 4_000);
    expect(breaker.isClosed).toBe(true);
    breaker.record('unknown', 4_000);
    expect(breaker.retryAtMs).toBe(5_000);
  });

  it('ignores a trial that ends after it was closed', () => {
    const breaker = new Breaker();
    breaker.tried('unknown', 0);
    expect(breaker.isClosed).toBe(true);
  });

  it('lets polls go on once the harmless call succeeded, also after a trial that failed', () => {
    const breaker = after(unknowns(5), 0);
    expect(new Breaker().mayPoll).toBe(true);
    expect(breaker.mayPoll).toBe(false);
    breaker.probeSucceeded(1_000);
    expect(breaker.mayPoll).toBe(true);
    breaker.tryStarted(1_010);
    breaker.tried('unknown', 1_020);
    expect(breaker.mayPoll).toBe(true);
    expect(breaker.isClosed).toBe(false);
    breaker.probeFailed(3_020);
    expect(breaker.mayPoll).toBe(false);
  });

  it('stops polls again, and waits for the next harmless call, where a poll tells nothing', () => {
    const breaker = after(unknowns(5), 0);
    breaker.probeSucceeded(1_000);
    breaker.pollFailed(999, 1_500);
    expect(breaker.mayPoll).toBe(true);
    breaker.pollFailed(1_400, 1_500);
    expect(breaker.mayPoll).toBe(false);
    expect(breaker.retryAtMs).toBe(3_500);
    breaker.pollFailed(1_400, 1_600);
    expect(breaker.retryAtMs).toBe(3_500);
    breaker.probeSucceeded(3_500);
    breaker.tryStarted(3_600);
    breaker.pollFailed(3_550, 3_700);
    expect(breaker.mayPoll).toBe(true);
    breaker.tried('known', 3_800);
    expect(breaker.mayPoll).toBe(true);
    for (const outcome of unknowns(5)) breaker.record(outcome, 4_000);
    expect(breaker.mayPoll).toBe(false);
  });

  it('is left alone by polls and probes while it is closed', () => {
    const breaker = new Breaker();
    breaker.pollFailed(0, 1);
    breaker.probeFailed(1);
    breaker.probeSucceeded(1);
    expect(breaker.isClosed).toBe(true);
  });
});
