import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { lowered, raised, shareOf, type KnownRate } from './rate-policy.js';
import {
  allowance,
  fixedWindow,
  simulate,
  slidingWindow,
  type Simulated,
} from './rate-simulation.fixture.js';

const fresh: KnownRate = { rate: 5, learnedLimit: null, decreasedAtMs: null };
const nowMs = 1_000_000;
const since = (ms: number): number => nowMs - ms;

describe('a 429', () => {
  it('lowers the rate by 0.85 and remembers the one that was too much', () => {
    expect(lowered({ ...fresh, rate: 40 }, nowMs, null, nowMs)).toEqual({
      rate: 34,
      learnedLimit: 40,
      decreasedAtMs: nowMs,
    });
  });

  it('tells nothing of a decrease that came after its call began', () => {
    const known = { rate: 34, learnedLimit: 40, decreasedAtMs: since(30) };
    expect(lowered(known, nowMs, null, since(50))).toBe(known);
    expect(lowered(known, nowMs, null, since(20)).rate).toBeLessThan(34);
  });

  it('halves the rate where it comes again within ten seconds, well below the limit that was met', () => {
    const known = { rate: 34, learnedLimit: 40, decreasedAtMs: since(9_000) };
    expect(lowered(known, nowMs, null, nowMs)).toMatchObject({ rate: 17, learnedLimit: 34 });
    const later = { ...known, decreasedAtMs: since(11_000) };
    expect(lowered(later, nowMs, null, nowMs).rate).toBeCloseTo(28.9);
  });

  it('does not halve where the rate has met its known limit again', () => {
    const known = { rate: 39, learnedLimit: 40, decreasedAtMs: since(5_000) };
    expect(lowered(known, nowMs, null, nowMs)).toMatchObject({ learnedLimit: 39 });
    expect(lowered(known, nowMs, null, nowMs).rate).toBeCloseTo(33.15);
  });

  it('does not take the rest of a used-up second for a lower limit', () => {
    const known = { rate: 34, learnedLimit: 40, decreasedAtMs: since(300) };
    expect(lowered(known, nowMs, null, nowMs)).toMatchObject({ rate: 17, learnedLimit: 40 });
  });

  it("takes the provider's own figure where it gives one", () => {
    const known = { ...fresh, rate: 5_000 };
    expect(lowered(known, nowMs, 20, nowMs)).toMatchObject({ rate: 20, learnedLimit: 20 });
    expect(lowered(known, nowMs, 90_000, nowMs)).toMatchObject({
      rate: 4_250,
      learnedLimit: 5_000,
    });
  });

  it('never stops a key altogether', () => {
    let known: KnownRate = { ...fresh, rate: 100 };
    for (let second = 0; second < 100; second += 1) {
      known = lowered(known, nowMs + second * 2_000, null, nowMs + second * 2_000);
    }
    expect(known.rate).toBe(0.1);
  });

  it('never raises the rate', () => {
    fc.assert(
      fc.property(
        fc.record({
          rate: fc.double({ min: 0.1, max: 20_000, noNaN: true }),
          learnedLimit: fc.option(fc.double({ min: 0.1, max: 20_000, noNaN: true })),
          decreasedAtMs: fc.option(fc.integer({ min: 0, max: nowMs })),
        }),
        fc.option(fc.integer({ min: 1, max: 30_000 })),
        (known, statedLimit) => {
          expect(lowered(known, nowMs, statedLimit, nowMs).rate).toBeLessThanOrEqual(known.rate);
        },
      ),
    );
  });
});

describe('a second of full use', () => {
  it('doubles the rate while no limit is known, up to the maximum', () => {
    const rates = [fresh.rate];
    for (let second = 0; second < 14; second += 1) {
      rates.push(raised({ ...fresh, rate: rates.at(-1) as number }, null, nowMs));
    }
    expect(rates.slice(0, 4)).toEqual([5, 10, 20, 40]);
    expect(rates.at(-1)).toBe(20_000);
    expect(raised({ ...fresh, rate: 20 }, 30, nowMs)).toBe(30);
  });

  it('raises it quickly far below a known limit, slowly near it, and quickly beyond it', () => {
    const at = (rate: number) =>
      raised({ rate, learnedLimit: 100, decreasedAtMs: 0 }, null, nowMs) - rate;
    expect(at(50)).toBeCloseTo(5);
    expect(at(96)).toBeCloseTo(0.5);
    expect(at(104)).toBeCloseTo(0.05);
    expect(at(120)).toBeCloseTo(6);
  });

  it('changes nothing within two seconds of a decrease', () => {
    const known = { rate: 50, learnedLimit: 100, decreasedAtMs: since(1_900) };
    expect(raised(known, null, nowMs)).toBe(50);
    expect(raised(known, null, nowMs + 100)).toBe(55);
  });

  it('finds a limit that was raised tenfold within three minutes', () => {
    let rate = 20;
    let seconds = 0;
    while (rate < 200 && seconds < 1_000) {
      rate = raised({ rate, learnedLimit: 20, decreasedAtMs: 0 }, null, nowMs);
      seconds += 1;
    }
    expect(seconds).toBeLessThanOrEqual(180);
  });
});

describe('the share of a lane', () => {
  it('is by weight, and together never more than the rate', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 20_000, noNaN: true }),
        fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1 }),
        (rate, weights) => {
          const all = weights.reduce((sum, weight) => sum + weight);
          const shares = weights.map((weight) => shareOf(rate, weight, all));
          expect(shares.reduce((sum, share) => sum + share)).toBeCloseTo(rate, 3);
        },
      ),
    );
  });

  it('is all of it for a lane that does not count itself among the active ones yet', () => {
    expect(shareOf(20, 3, 0)).toBe(20);
  });
});

/** A generator of its own, so that a run can be repeated: mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0);

/** GUARANTEES R15 after the half minute in which the limit is found. */
function judge({ accepted, limited }: Simulated, limit: number) {
  const taken = sum(accepted.slice(30));
  const refused = sum(limited.slice(30));
  return {
    use: taken / (accepted.length - 30) / limit,
    attempts: (taken + refused) / (accepted.length - 30) / limit,
    refusals: refused / (taken + refused),
  };
}

describe.each([
  ['a fixed window', fixedWindow],
  ['a sliding window', slidingWindow],
  ['an allowance', allowance],
])('against %s', (_name, limiter) => {
  // R15 is promised at 20/s. An allowance of 200 hides its limit for longer, and the overshoot costs more.
  describe.each([
    { limit: 20, leastUse: 0.85 },
    { limit: 200, leastUse: 0.8 },
  ])('of $limit/s', ({ limit, leastUse }) => {
    it.each([
      { lanes: 1, workers: 1 },
      { lanes: 10, workers: 1 },
      { lanes: 10, workers: 3 },
    ])('$lanes lanes of $workers workers keep to the limit, and use it', (spread) => {
      for (const seed of [1, 2, 3]) {
        const run = simulate({
          limiter: limiter(limit),
          seconds: 120,
          start: fresh,
          ...spread,
          random: randomFrom(seed),
        });
        const { use, attempts, refusals } = judge(run, limit);
        expect({ seed, attempts, isWithin: attempts <= 1.05 }).toMatchObject({ isWithin: true });
        expect({ seed, use, isUsed: use >= leastUse }).toMatchObject({ isUsed: true });
        expect({ seed, refusals, areFew: refusals <= 0.02 }).toMatchObject({ areFew: true });
      }
    });
  });
});

describe('a limit that is known', () => {
  it.each([
    ['a fixed window', fixedWindow],
    ['a sliding window', slidingWindow],
    ['an allowance', allowance],
  ])('is not passed by more than a twentieth in any ten seconds: %s', (_name, limiter) => {
    const limit = 20;
    for (const seed of [1, 2, 3]) {
      const { accepted, limited } = simulate({
        limiter: limiter(limit),
        seconds: 300,
        start: { rate: limit, learnedLimit: limit, decreasedAtMs: null },
        random: randomFrom(seed),
      });
      const calls = accepted.map((count, second) => count + (limited[second] as number));
      const spans = calls.slice(9).map((_, second) => sum(calls.slice(second, second + 10)));
      expect(Math.max(...spans)).toBeLessThanOrEqual(limit * 10 * 1.05);
      expect(sum(accepted)).toBeGreaterThanOrEqual(limit * 300 * 0.85);
    }
  });
});
