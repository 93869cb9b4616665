import { expect } from '@jest/globals';
import { carryOut } from './harness/runner.js';
import type { ChaosRun } from './harness/run.js';

/** Fixed, so that a failure is repeated by `npm run chaos -- R1 --tier short --seed 20260101`. */
const seed = 20_260_101;

/** The short tier of a run, as a test: every threshold is kept. */
export async function carryOutShort(run: ChaosRun): Promise<void> {
  const lines: string[] = [];
  const say = (line: string): void => void lines.push(line);
  const report = await carryOut(run, { tier: 'short', seed, say, directory: null });
  const broken = report.rounds.flatMap(({ checks }) => checks.filter(({ holds }) => !holds));
  expect({ broken, lines: broken.length > 0 ? lines : [] }).toEqual({ broken: [], lines: [] });
  expect(report.kept).toBe(true);
}
