import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineRun, type ChaosRun, type Scene } from './run.js';
import { carryOut, type RunReport } from './runner.js';

let directory: string;
let seen: number[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tyrian-runner-'));
  seen = [];
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

function runOf(round: (scene: Scene) => void): ChaosRun {
  return defineRun({
    name: 'R0',
    promise: 'nothing breaks',
    tiers: { short: { rounds: 1, size: {} }, full: { rounds: 3, size: {} } },
    async round(scene: Scene) {
      seen.push(scene.random.next());
      round(scene);
    },
  });
}

const well = runOf(({ findings }) => {
  findings.count('things', 2);
  findings.highest('max_ms', seen.length);
  findings.exactly('lost', 0, 0);
});

const quietly = (): void => undefined;

function carry(run: ChaosRun, say: (line: string) => void = quietly): Promise<RunReport> {
  return carryOut(run, { tier: 'full', say, directory });
}

describe('a run', () => {
  it('sums its rounds up and leaves a report', async () => {
    const report = await carry(well);
    expect(report).toMatchObject({ run: 'R0', kept: true, counts: { things: 6, max_ms: 3 } });
    const [file] = readdirSync(directory);
    expect(JSON.parse(readFileSync(join(directory, file as string), 'utf8'))).toEqual(report);
  });

  it('goes on after its last finished round when it was interrupted, with the same chance', async () => {
    const whole = await carryOut(well, { tier: 'full', say: quietly, directory, seed: 7 });
    const chances = seen.splice(0);
    const interrupt = (line: string): void => {
      if (line.includes('round 2/3')) throw new Error('killed');
    };
    const options = { tier: 'full', directory, seed: 7 } as const;
    await expect(carryOut(well, { ...options, say: interrupt })).rejects.toThrow('killed');
    expect(seen.splice(0)).toEqual(chances.slice(0, 2));

    const rest = await carry(well);
    expect(seen).toEqual(chances.slice(2));
    expect(rest).toMatchObject({ seed: 7, kept: true, counts: { things: 6 } });
    expect(rest.rounds.map(({ round }) => round)).toEqual(whole.rounds.map(({ round }) => round));
    expect(readdirSync(directory).filter((file) => file.includes('progress'))).toEqual([]);
  });

  it.each<[string, ChaosRun]>([
    ['a threshold was passed', runOf(({ findings }) => findings.atMost('ms', 2, 1))],
    [
      'a round did not come to its end',
      runOf(() => {
        throw new Error('no database');
      }),
    ],
    ['nothing was checked', runOf(() => undefined)],
  ])('is not kept where %s', async (_, run) => {
    const report = await carry(run);
    for (const { histories } of report.rounds)
      if (histories) rmSync(histories, { recursive: true });
    expect(report.kept).toBe(false);
  });
});
