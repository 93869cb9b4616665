import { afterEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { CommitOutcomeUnknown } from './commit-outcome-unknown.js';
import {
  GroupCommit,
  NotWritten,
  QueueFull,
  StillInFlight,
  type GroupCommitOptions,
} from './group-commit.js';

const failure = (code: string): Error => Object.assign(new Error(`failed with ${code}`), { code });

type Flush = (units: number[]) => Promise<(string | Error)[]>;

function groupCommit(flush: Flush, options: Partial<GroupCommitOptions<number>> = {}) {
  const flushes: number[][] = [];
  const commit = new GroupCommit<number, string>(
    (units) => {
      flushes.push(units);
      return flush(units);
    },
    { maxRows: 1_000, maxWaitingRows: 10_000, rowsOf: () => 1, ...options },
  );
  return { commit, flushes };
}

const answers = (units: number[]) => units.map((unit) => `answer ${unit}`);
const aTurn = () => new Promise((resolve) => setTimeout(resolve, 1));

/** A flush that stays open until the test ends it. */
function gate() {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

afterEach(() => {
  jest.restoreAllMocks();
});

describe('a group commit', () => {
  it('gives each caller its own answer, in however many flushes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(50), { minLength: 1 }),
        fc.nat(4),
        async (units, maxRows) => {
          const { commit, flushes } = groupCommit(async (asked) => answers(asked), {
            maxRows: maxRows + 1,
          });
          expect(await Promise.all(units.map((unit) => commit.submit(unit)))).toEqual(
            answers(units),
          );
          expect(flushes.flat()).toEqual(units);
          expect(Math.max(...flushes.map((flushed) => flushed.length))).toBeLessThanOrEqual(
            maxRows + 1,
          );
          expect(commit.depth).toBe(0);
        },
      ),
    );
  });

  it('joins the callers of one turn, and those that come while a flush is under way', async () => {
    const { opened, open } = gate();
    const { commit, flushes } = groupCommit(async (units) => {
      if (units.includes(1)) await opened;
      return answers(units);
    });
    const first = [commit.submit(1), commit.submit(2)];
    await aTurn();
    const next = [commit.submit(3), commit.submit(4)];
    await aTurn();
    expect(flushes).toEqual([[1, 2]]);
    open();
    await Promise.all([...first, ...next]);
    expect(flushes).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it('counts rows, not callers, and lets a unit that is larger than a flush go alone', async () => {
    const { commit, flushes } = groupCommit(async (units) => answers(units), {
      maxRows: 10,
      rowsOf: (unit) => unit,
    });
    await Promise.all([4, 5, 2, 30, 1].map((unit) => commit.submit(unit)));
    expect(flushes).toEqual([[4, 5], [2], [30], [1]]);
  });

  it('refuses a caller that would make too many rows wait, but never the first', async () => {
    const { opened, open } = gate();
    const { commit } = groupCommit(
      async (units) => {
        await opened;
        return answers(units);
      },
      { maxWaitingRows: 10, rowsOf: (unit) => unit },
    );
    const inFlight = commit.submit(99);
    await aTurn();
    const waiting = [commit.submit(6), commit.submit(4)];
    expect(commit.depth).toBe(10);
    await expect(commit.submit(1)).rejects.toBeInstanceOf(QueueFull);
    open();
    await expect(Promise.all([inFlight, ...waiting])).resolves.toHaveLength(3);
  });

  it('refuses a caller at once where the first of the line has waited for too long, until the line moves again', async () => {
    let nowMs = 0;
    const gates = [gate(), gate()];
    const { commit, flushes } = groupCommit(
      async (units) => {
        await gates[flushes.length - 1]?.opened;
        return answers(units);
      },
      { longestWaitMs: 1_500, monotonicMs: () => nowMs, maxRows: 1 },
    );
    const all = [commit.submit(1)];
    await aTurn();
    all.push(commit.submit(2), commit.submit(3));
    nowMs = 1_500;
    all.push(commit.submit(4));
    nowMs = 1_501;
    // The flush itself has taken as long: the database does not answer.
    await expect(commit.submit(5)).rejects.toBeInstanceOf(NotWritten);
    gates[0]?.open();
    await all[0];
    await aTurn();
    // It answers, and there is still more than it can take.
    await expect(commit.submit(6)).rejects.toBeInstanceOf(QueueFull);
    gates[1]?.open();
    await expect(Promise.all(all)).resolves.toHaveLength(4);
    await expect(commit.submit(7)).resolves.toBe('answer 7');
    expect(flushes.flat()).toEqual([1, 2, 3, 4, 7]);
  });

  it('gives a unit the error that its flush found for it alone', async () => {
    const { commit } = groupCommit(async (units) =>
      units.map((unit) => (unit === 2 ? new Error('not this one') : 'fine')),
    );
    const results = await Promise.allSettled([1, 2, 3].map((unit) => commit.submit(unit)));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('tells all of a flush what it does not know how to judge', async () => {
    const { commit, flushes } = groupCommit(async () => Promise.reject(failure('42P01')));
    const results = await Promise.allSettled([commit.submit(1), commit.submit(2)]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(flushes).toHaveLength(1);
  });
});

describe('a poisoned unit', () => {
  it.each(['22P02', '23505'])('fails alone with %s, wherever it stands', async (code) => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.nat(40), { minLength: 1, maxLength: 30 }),
        fc.nat(3),
        async (units, every) => {
          const isPoisoned = (unit: number) => unit % (every + 2) === 0;
          const poison = failure(code);
          const { commit } = groupCommit(async (asked) => {
            if (asked.some(isPoisoned)) throw poison;
            return answers(asked);
          });
          const results = await Promise.allSettled(units.map((unit) => commit.submit(unit)));
          expect(results).toEqual(
            units.map((unit) =>
              isPoisoned(unit)
                ? { status: 'rejected', reason: poison }
                : { status: 'fulfilled', value: `answer ${unit}` },
            ),
          );
        },
      ),
      { numRuns: 50 },
    );
  });

  it('is not written twice beside the others', async () => {
    const written: number[] = [];
    const { commit } = groupCommit(async (units) => {
      if (units.includes(3)) throw failure('23503');
      written.push(...units);
      return answers(units);
    });
    await Promise.allSettled([1, 2, 3, 4, 5].map((unit) => commit.submit(unit)));
    expect(written).toEqual([1, 2, 4, 5]);
  });
});

describe('a lock that another holds', () => {
  it('lets the others pass, and the one behind it once it is released', async () => {
    let isLocked = true;
    const { commit } = groupCommit(async (units) => {
      if (isLocked && units.includes(1)) throw failure('55P03');
      return answers(units);
    });
    let isBehind = true;
    const behind = commit.submit(1).finally(() => (isBehind = false));
    await expect(Promise.all([commit.submit(2), commit.submit(3)])).resolves.toHaveLength(2);
    await expect(commit.submit(4)).resolves.toBe('answer 4');
    expect(isBehind).toBe(true);
    isLocked = false;
    await expect(behind).resolves.toBe('answer 1');
  });

  it('is told to its caller when the patience ends', async () => {
    const { commit } = groupCommit(async () => Promise.reject(failure('55P03')), {
      patienceMs: 150,
    });
    await expect(commit.submit(1)).rejects.toMatchObject({ code: '55P03' });
  });

  it('keeps the commit from being drained', async () => {
    let isLocked = true;
    const { commit } = groupCommit(async (units) => {
      if (isLocked) throw failure('55P03');
      return answers(units);
    });
    let isWritten = false;
    const behind = commit.submit(1).then(() => (isWritten = true));
    await aTurn();
    const drained = commit.drained().then(() => isWritten);
    isLocked = false;
    await expect(drained).resolves.toBe(true);
    await behind;
  });
});

describe('a lost connection', () => {
  it.each(['08006', '57P01', '53300', '25P03', 'ECONNRESET', 'EPIPE', '40001', '40P01', '57014'])(
    'runs the same units again whole after %s',
    async (code) => {
      let failures = 2;
      const { commit, flushes } = groupCommit(async (units) => {
        if (failures-- > 0) throw failure(code);
        return answers(units);
      });
      const all = await Promise.all([1, 2, 3].map((unit) => commit.submit(unit)));
      expect(all).toEqual(answers([1, 2, 3]));
      expect(flushes).toEqual([
        [1, 2, 3],
        [1, 2, 3],
        [1, 2, 3],
      ]);
    },
  );

  it('runs them again after a COMMIT without an answer', async () => {
    let failures = 1;
    const { commit, flushes } = groupCommit(async (units) => {
      if (failures-- > 0) throw new CommitOutcomeUnknown(failure('08006'));
      return answers(units);
    });
    await expect(commit.submit(1)).resolves.toBe('answer 1');
    expect(flushes).toEqual([[1], [1]]);
  });

  it('never calls unwritten what a COMMIT without an answer may have written', async () => {
    let first = true;
    const { commit } = groupCommit(
      async () => {
        const error = first ? new CommitOutcomeUnknown(failure('08006')) : failure('ECONNREFUSED');
        first = false;
        throw error;
      },
      { patienceMs: 150 },
    );
    await expect(commit.submit(1)).rejects.toBeInstanceOf(CommitOutcomeUnknown);
  });

  it('ends the tries with its own error when the patience ends', async () => {
    const { commit } = groupCommit(async () => Promise.reject(failure('ECONNREFUSED')), {
      patienceMs: 100,
    });
    await expect(commit.submit(1)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('is not waited out where we closed the pool ourselves', async () => {
    const { commit } = groupCommit(
      async () => Promise.reject(new Error('Cannot use a pool after calling end on the pool')),
      { patienceMs: Number.POSITIVE_INFINITY },
    );
    await expect(commit.submit(1)).rejects.toThrow('Cannot use a pool');
    await commit.drained();
  });
});

describe('a commit that gives up', () => {
  it('tells those in flight that it is not known, and withdraws those that wait', async () => {
    let nowMs = 0;
    const { opened, open } = gate();
    const { commit, flushes } = groupCommit(
      async (units) => {
        await opened;
        return answers(units);
      },
      { givesUp: true, patienceMs: 1_000, monotonicMs: () => nowMs },
    );
    const inFlight = commit.submit(1);
    await aTurn();
    const waiting = commit.submit(2);
    nowMs = 900;
    const late = commit.submit(3);
    nowMs = 1_500;
    await expect(inFlight).rejects.toBeInstanceOf(StillInFlight);
    await expect(waiting).rejects.toBeInstanceOf(NotWritten);
    expect(commit.depth).toBe(1);
    open();
    await expect(late).resolves.toBe('answer 3');
    expect(flushes).toEqual([[1], [3]]);
  });

  it('answers in time the one that is aside, while its flush hangs', async () => {
    let nowMs = 0;
    let tries = 0;
    const second = gate();
    const { opened, open } = gate();
    const { commit } = groupCommit(
      async (units) => {
        if (tries++ === 0) throw failure('55P03');
        second.open();
        await opened;
        return answers(units);
      },
      { givesUp: true, patienceMs: 1_000, monotonicMs: () => nowMs },
    );
    const behind = commit.submit(1);
    await second.opened;
    nowMs = 1_500;
    const answer = await behind.catch((error: unknown) => error);
    expect(answer).toBeInstanceOf(StillInFlight);
    expect(answer).toMatchObject({ cause: { code: '55P03' } });
    let isDrained = false;
    const drained = commit.drained().then(() => (isDrained = true));
    await aTurn();
    expect(isDrained).toBe(false);
    open();
    await drained;
  });

  it('leaves no timer behind', async () => {
    const cleared = jest.spyOn(globalThis, 'clearInterval');
    const set = jest.spyOn(globalThis, 'setInterval');
    const { commit } = groupCommit(async (units) => answers(units), { givesUp: true });
    await commit.submit(1);
    await commit.drained();
    await commit.submit(2);
    await commit.drained();
    expect(cleared.mock.calls.length).toBe(set.mock.calls.length);
  });
});
