import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TokenBucket } from './token-bucket.js';

/** Takes whatever is there at each of the moments. Returns when each token was taken. */
function drain(bucket: TokenBucket, momentsMs: readonly number[]): number[] {
  return momentsMs.flatMap((nowMs) => {
    const tokens = Math.max(0, bucket.available(nowMs));
    bucket.take(tokens);
    return Array.from({ length: tokens }, () => nowMs);
  });
}

const gaps = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 100 });
const momentsOf = (steps: readonly number[]): number[] => {
  let nowMs = 0;
  return steps.map((step) => (nowMs += step));
};

describe('a token bucket', () => {
  it('is empty at first, so that a new owner adds nothing to what the former one sent', () => {
    expect(new TokenBucket(1_000, 0).available(0)).toBe(0);
  });

  it('never gives more than its rate and its burst, over any window', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 5_000, noNaN: true }), gaps, (rate, steps) => {
        const taken = drain(new TokenBucket(rate, 0), momentsOf(steps));
        const burst = 1 + rate * 0.05;
        for (let first = 0; first < taken.length; first += Math.ceil(taken.length / 20)) {
          for (let last = first; last < taken.length; last += Math.ceil(taken.length / 20)) {
            const seconds = ((taken[last] as number) - (taken[first] as number)) / 1_000;
            expect(last - first + 1).toBeLessThanOrEqual(Math.floor(rate * seconds + burst + 1e-3));
          }
        }
      }),
    );
  });

  it.each([5, 20, 200, 3_000])('loses nothing of %d/s to ticks that come late', (rate) => {
    const moments = Array.from({ length: 3_000 }, (_, tick) => tick * 11 + (tick % 5) * 3);
    const taken = drain(new TokenBucket(rate, 0), moments);
    const seconds = (moments.at(-1) as number) / 1_000;
    expect(taken.length / seconds / rate).toBeGreaterThan(0.98);
    expect(taken.length / seconds / rate).toBeLessThanOrEqual(1.001);
  });

  it('gives one token each interval, from many small refills too', () => {
    const bucket = new TokenBucket(20, 0);
    const everyMs = Array.from({ length: 1_000 }, (_, nowMs) => nowMs + 1);
    const taken = drain(bucket, everyMs);
    expect(taken).toHaveLength(20);
    expect(taken.slice(0, 3)).toEqual([50, 100, 150]);
  });

  it('takes back what was not used, but never more than it can hold', () => {
    const bucket = new TokenBucket(100, 0);
    expect(bucket.available(10_000)).toBe(6);
    bucket.take(4);
    bucket.giveBack(2);
    expect(bucket.available(10_000)).toBe(4);
    bucket.giveBack(100);
    expect(bucket.available(10_000)).toBe(6);
  });

  it('counts the time before a change of rate at the old rate', () => {
    const bucket = new TokenBucket(1, 0);
    bucket.setRate(100, 500);
    expect(bucket.available(505)).toBe(1);
    expect(bucket.rate).toBe(100);
  });

  it('keeps nothing above its burst when the rate is lowered', () => {
    const bucket = new TokenBucket(1_000, 0);
    expect(bucket.available(1_000)).toBe(51);
    bucket.setRate(20, 1_000);
    expect(bucket.available(1_000)).toBe(2);
  });

  it('starts anew when it is emptied, later by what is owed', () => {
    const bucket = new TokenBucket(10, 0);
    bucket.empty(1_000);
    expect(bucket.available(1_099)).toBe(0);
    expect(bucket.available(1_100)).toBe(1);
    bucket.empty(2_000, 0.5);
    expect(bucket.available(2_149)).toBeLessThan(1);
    expect(bucket.available(2_150)).toBe(1);
  });

  describe('whose calls wait for their intents', () => {
    /** When calls go out, each so late as the wait for its number says, one at a time. */
    function callsOf(rate: number, count: number, waitOf: (call: number) => number): number[] {
      const bucket = new TokenBucket(rate, 0);
      const calls: number[] = [];
      for (let nowMs = 0; calls.length < count; nowMs += 1) {
        if (bucket.available(nowMs) < 1) continue;
        bucket.take(1);
        const takenMs = nowMs;
        nowMs += waitOf(calls.length);
        bucket.wentOut(takenMs, nowMs);
        calls.push(nowMs);
      }
      return calls;
    }

    it('gives the next one its time after a call that was late', () => {
      const calls = callsOf(3, 21, (call) => (call === 10 ? 700 : 10));
      const spacesMs = calls.slice(1).map((at, index) => at - (calls[index] as number));
      expect(spacesMs[9]).toBeGreaterThan(1_000);
      expect(spacesMs[10]).toBeGreaterThan(333 - 100 - 10);
      expect(Math.max(...spacesMs.slice(11))).toBeLessThanOrEqual(334);
    });

    it.each([1, 3, 10])('loses nothing of %d/s to a wait that is always the same', (rate) => {
      const calls = callsOf(rate, 300, () => Math.min(300, 900 / rate));
      const seconds = ((calls.at(-1) as number) - (calls[200] as number)) / 1_000;
      expect(99 / seconds / rate).toBeGreaterThan(0.97);
    });

    /** Takes whatever is there each time, and waits so long for the intent. Gives when each call went out. */
    function groupsOf(
      bucket: TokenBucket,
      fromMs: number,
      forMs: number,
      waitMs: number,
    ): number[] {
      const calls: number[] = [];
      for (let nowMs = fromMs; nowMs < fromMs + forMs; nowMs += 1) {
        const count = bucket.available(nowMs);
        if (count < 1) continue;
        bucket.take(count);
        const takenMs = nowMs;
        nowMs += waitMs;
        bucket.wentOut(takenMs, nowMs);
        for (let call = 0; call < count; call += 1) calls.push(nowMs);
      }
      return calls;
    }

    it.each([
      [20, 30],
      [20, 250],
      [200, 60],
      [200, 250],
      [3_000, 250],
    ])('keeps %d/s where intents always take %d ms', (rate, waitMs) => {
      const bucket = new TokenBucket(rate, 0);
      groupsOf(bucket, 0, 60_000, waitMs);
      const calls = groupsOf(bucket, 60_000, 60_000, waitMs);
      const perSecond = calls.length / 60;
      expect(perSecond / rate).toBeGreaterThan(0.97);
      expect(perSecond / rate).toBeLessThanOrEqual(1.01);
    });

    it('makes no more than 105 % of its calls in ten seconds when intents become quick again', () => {
      const bucket = new TokenBucket(20, 0);
      const calls = [...groupsOf(bucket, 0, 60_000, 250), ...groupsOf(bucket, 60_000, 60_000, 3)];
      const within = calls.map((from) => calls.filter((at) => at >= from && at < from + 10_000));
      expect(Math.max(...within.map((some) => some.length))).toBeLessThanOrEqual(210);
    });

    it('keeps nothing for calls that come later', () => {
      const bucket = new TokenBucket(20, 0);
      groupsOf(bucket, 0, 60_000, 250);
      expect(bucket.available(70_000)).toBe(2);
    });

    it.each([20, 3_000])(
      'holds nothing of %d/s back, whose tokens come faster than that',
      (rate) => {
        const bucket = new TokenBucket(rate, 0);
        const atOnce = bucket.available(1_000);
        bucket.wentOut(0, 1_000);
        expect(bucket.available(1_000)).toBe(atOnce);
      },
    );
  });

  it('gives nothing at a rate of zero', () => {
    expect(new TokenBucket(0, 0).available(1_000_000)).toBe(0);
  });
});
