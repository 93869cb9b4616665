import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { poolSizes } from './pool-sizes.js';

describe('the sizes of the pools', () => {
  it('give each pool a connection and use up the budget exactly, from five connections on', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 500 }), (total) => {
        const sizes = Object.values(poolSizes(total));
        expect(Math.min(...sizes)).toBeGreaterThanOrEqual(1);
        expect(sizes.reduce((sum, size) => sum + size)).toBe(total);
      }),
    );
  });

  it('give half to accepting and sending', () => {
    expect(poolSizes(20)).toEqual({ health: 1, callbacks: 3, reads: 4, control: 2, hot: 10 });
    expect(poolSizes(60).hot / 60).toBeGreaterThan(0.45);
  });
});
