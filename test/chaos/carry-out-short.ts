import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { carryOut } from './harness/runner.js';
import type { ChaosRun } from './harness/run.js';

/** Fixed, so that a failure is repeated by `npm run chaos -- R1 --tier short --seed 20260101`. */
const seed = 20_260_101;
/** So many databases and gateways that start at once take no tenant in time. */
const startsEveryMs = 20_000;

/** The short tier of a run, as a test: every threshold is kept. */
async function carryOutShort(run: ChaosRun): Promise<void> {
  const lines: string[] = [];
  const say = (line: string): void => void lines.push(line);
  const report = await carryOut(run, { tier: 'short', seed, say, directory: null });
  const broken = report.rounds.flatMap(({ checks }) => checks.filter(({ holds }) => !holds));
  expect({ broken, lines: broken.length > 0 ? lines : [] }).toEqual({ broken: [], lines: [] });
  expect(report.kept).toBe(true);
}

/** One test a run, one after another, each within so many milliseconds. */
export function carryOutInTurn(runs: readonly ChaosRun[], withinMs: number): void {
  describe('the short tier of', () => {
    it.each(runs.map((run) => [run.name, run.promise, run] as const))(
      '%s: %s',
      (_, __, run) => carryOutShort(run),
      withinMs,
    );
  });
}

/** One test a run, beside each other; they start one after another. */
export function carryOutTogether(runs: readonly ChaosRun[]): void {
  describe('the short tier of', () => {
    it.concurrent.each(runs.map((run, n) => [run.name, run.promise, run, n] as const))(
      '%s: %s',
      async (_, __, run, n) => {
        await delay(n * startsEveryMs);
        await carryOutShort(run);
      },
      900_000,
    );
  });
}
