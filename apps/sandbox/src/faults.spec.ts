import { describe, expect, it } from '@jest/globals';
import { Chance } from './chance.js';
import { findFate } from './fates.js';
import { Faults } from './faults.js';
import type { Fault } from './faults.js';

const aFault = (changes: Partial<Fault> = {}): Fault => ({
  fate: findFate('bad_gateway')!,
  rate: 1,
  key: null,
  on: 'both',
  httpStatus: null,
  remaining: null,
  ...changes,
});

function someFaults(...faults: Partial<Fault>[]): Faults {
  const all = new Faults(new Chance('seed'));
  for (const fault of faults) all.set(aFault(fault));
  return all;
}

const recipients = Array.from({ length: 2_000 }, (_, n) => String(380_500_000_000 + n));
const met = (faults: Faults, among = recipients) =>
  among.filter((recipient) => {
    const fault = faults.pick('send', 'K', recipient);
    if (fault) faults.meet(fault);
    return fault !== null;
  });

describe('faults', () => {
  it('meet nobody when there are none', () => {
    expect(met(someFaults())).toEqual([]);
  });

  it('meet as many as their rate says', () => {
    expect(met(someFaults({ rate: 1 }))).toHaveLength(2_000);
    const some = met(someFaults({ rate: 0.1 })).length;
    expect(some).toBeGreaterThan(150);
    expect(some).toBeLessThan(250);
  });

  it('meet the same recipients for the same seed, in whatever order they ask', () => {
    const forwards = met(someFaults({ rate: 0.1 }));
    const backwards = met(someFaults({ rate: 0.1 }), recipients.toReversed()).toReversed();
    expect(backwards).toEqual(forwards);
  });

  it('do not meet a recipient again only because they met him before', () => {
    const faults = someFaults({ rate: 0.5 });
    const again = met(faults).filter((recipient) => faults.pick('send', 'K', recipient)).length;
    expect(again).toBeGreaterThan(300);
    expect(again).toBeLessThan(700);
  });

  it('meet one key only, where they have one', () => {
    const faults = someFaults({ key: 'K' });
    expect(faults.pick('send', 'K', '1')).not.toBeNull();
    expect(faults.pick('send', 'another', '1')).toBeNull();
  });

  it('meet sends, status requests or both', () => {
    const meets = (on: Fault['on']) => {
      const faults = someFaults({ on });
      return [faults.pick('send', 'K', '1') !== null, faults.pick('status', 'K', '1') !== null];
    };
    expect([meets('send'), meets('status'), meets('both')]).toEqual([
      [true, false],
      [false, true],
      [true, true],
    ]);
  });

  it('end after their count', () => {
    const faults = someFaults({ remaining: 3 });
    expect(met(faults)).toHaveLength(3);
    expect(faults.active).toEqual([]);
  });

  it('are not used up by a request that did not come to meet them', () => {
    const faults = someFaults({ remaining: 1 });
    expect(faults.pick('send', 'K', '1')).not.toBeNull();
    expect(met(faults)).toHaveLength(1);
  });

  it('remember a bounded number of those who asked, and none once the last fault has gone', () => {
    const faults = someFaults({ remaining: 1, on: 'send' });
    for (let n = 0; n < 250_000; n++) faults.pick('status', 'K', String(n));
    expect(faults.subjectsKnown).toBeLessThanOrEqual(200_000);
    met(faults);
    expect(faults.subjectsKnown).toBe(0);

    faults.set(aFault());
    faults.pick('send', 'K', '1');
    expect(faults.subjectsKnown).toBe(1);
    faults.set(aFault({ rate: 0 }));
    expect(faults.subjectsKnown).toBe(0);
  });

  it('count on for one who asks again while many others do', () => {
    const askedTwice = () => {
      const faults = someFaults({ rate: 0.5, on: 'send' });
      const subjects = recipients.slice(0, 50);
      met(faults, subjects);
      return { faults, subjects };
    };
    const alone = askedTwice();
    const amongMany = askedTwice();
    for (let n = 0; n < 100_000; n++) amongMany.faults.pick('status', 'K', String(n));
    expect(met(amongMany.faults, amongMany.subjects)).toEqual(met(alone.faults, alone.subjects));
  });

  it('replace an earlier one of the same kind, and go with a rate of 0 or when cleared', () => {
    const faults = someFaults({ rate: 0.5 }, { rate: 0.25 }, { key: 'K' });
    expect(faults.active.map(({ rate, key }) => [rate, key])).toEqual([
      [0.25, null],
      [1, 'K'],
    ]);
    faults.set(aFault({ rate: 0 }));
    expect(faults.active).toHaveLength(1);
    faults.clear();
    expect(faults.active).toEqual([]);
  });
});
