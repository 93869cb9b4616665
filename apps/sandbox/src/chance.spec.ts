import { describe, expect, it } from '@jest/globals';
import { Chance } from './chance.js';

describe('chance by seed', () => {
  it('gives the same number for the same seed and subject, whatever was asked before', () => {
    const one = new Chance('seed');
    const other = new Chance('seed');
    other.fraction('something else');
    expect(other.fraction('380501112233')).toBe(one.fraction('380501112233'));
  });

  it('gives another number for another seed', () => {
    const chance = new Chance('seed');
    const before = chance.integer('subject');
    chance.reseed('another');
    expect(chance.integer('subject')).not.toBe(before);
  });

  it('spreads neighbouring recipients evenly', () => {
    const chance = new Chance('seed');
    const tenths = Array.from({ length: 10 }, () => 0);
    for (let n = 0; n < 10_000; n++) {
      const fraction = chance.fraction(`fault refused send ${380_500_000_000 + n} 1`);
      tenths[Math.floor(fraction * 10)]!++;
    }
    for (const count of tenths) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });
});
