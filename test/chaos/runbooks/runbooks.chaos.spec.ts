import { describe, expect, it } from '@jest/globals';
import { carryOut } from '../harness/runner.js';
import { runbooks } from './index.js';

const seed = 20_260_101;

describe('the commands of', () => {
  it.each(runbooks.map((run) => [run.name, run] as const))(
    '%s lead out of its state',
    async (_, run) => {
      const lines: string[] = [];
      const say = (line: string): void => void lines.push(line);
      const report = await carryOut(run, { tier: 'short', seed, say, directory: null });
      const broken = report.rounds.flatMap(({ checks }) => checks.filter(({ holds }) => !holds));
      expect({ broken, lines: broken.length > 0 ? lines : [] }).toEqual({ broken: [], lines: [] });
    },
    400_000,
  );
});
