import { describe, expect, it } from '@jest/globals';
import { Looks, type LookFrom, type LookOutcome } from './look.js';

/** Looks whose outcomes are given, and what they began with. */
function looksThat(...outcomes: (LookOutcome | Error)[]) {
  let nowMs = 1_000;
  const from: LookFrom[] = [];
  const looks = new Looks(
    async (beginning) => {
      from.push(beginning);
      const outcome = outcomes.shift() ?? 'all';
      if (outcome instanceof Error) throw outcome;
      return outcome;
    },
    () => nowMs,
  );
  return { looks, from, pass: (ms: number) => void (nowMs += ms) };
}

describe('DISPATCH 17: looks of a loop', () => {
  it('begin at the head, and a few seconds back once one has left nothing', async () => {
    const { looks, from } = looksThat('more', 'more', 'all', 'all');
    const again = [await looks.once(), await looks.once(), await looks.once(), await looks.once()];
    expect(again).toEqual([true, true, false, false]);
    expect(from).toEqual(['head', 'head', 'head', 'lately']);
  });

  it('begin at the head once a minute, whatever is found', async () => {
    const { looks, from, pass } = looksThat();
    await looks.once();
    for (let count = 0; count < 8; count += 1) {
      pass(9_000);
      await looks.once();
    }
    const six = Array.from({ length: 6 }, () => 'lately');
    expect(from).toEqual(['head', ...six, 'head', 'lately']);
  });

  it('begin at the head after a gap, as a process that was stopped finds what came meanwhile', async () => {
    const { looks, from, pass } = looksThat();
    await looks.once();
    pass(9_999);
    await looks.once();
    pass(10_000);
    await looks.once();
    expect(from).toEqual(['head', 'lately', 'head']);
  });

  it.each<[string, LookOutcome | Error]>([
    ['left more', 'more'],
    ['was not allowed to take anything', 'none'],
    ['failed', new Error('no database')],
  ])(
    'begin at the head after one that %s, as nothing older may be overtaken',
    async (_, outcome) => {
      const { looks, from } = looksThat('all', outcome, 'all', 'all');
      await looks.once();
      await looks.once().catch(() => undefined);
      await looks.once();
      await looks.once();
      expect(from).toEqual(['head', 'lately', 'head', 'lately']);
    },
  );
});
