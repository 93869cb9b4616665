import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../support/root.js';
import { Findings, type Check } from './findings.js';
import { OwnLag } from './own-lag.js';
import { letThrough } from './postgres-programs.js';
import { Random } from './random.js';
import type { ChaosRun, Tier } from './run.js';
import { World } from './world.js';

/** One round, as it is kept for a run that is interrupted. */
export interface RoundReport {
  readonly round: number;
  readonly startedAt: string;
  readonly seconds: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly checks: readonly Check[];
  readonly notes: readonly string[];
  /** Where the histories of a round that broke a promise were left. */
  readonly histories?: string;
}

export interface RunReport {
  readonly run: string;
  readonly promise: string;
  readonly tier: Tier;
  readonly seed: number;
  readonly kept: boolean;
  readonly startedAt: string;
  readonly seconds: number;
  /** Of all rounds together. */
  readonly counts: Readonly<Record<string, number>>;
  readonly rounds: readonly RoundReport[];
  readonly commit: string;
  readonly node: string;
  readonly postgres: string;
  readonly machine: string;
}

export interface RunOptions {
  readonly tier: Tier;
  /** @default that of an interrupted run, else a random one */
  readonly seed?: number;
  readonly say: (line: string) => void;
  /** Where progress and reports are kept; null keeps none. */
  readonly directory: string | null;
}

interface Progress {
  readonly seed: number;
  readonly commit: string;
  readonly rounds: RoundReport[];
}

/** Runs all rounds of a run, each in a world of its own, and says what came of them. */
export async function carryOut(run: ChaosRun, options: RunOptions): Promise<RunReport> {
  const { tier, say, directory } = options;
  const tierOfRun = run.tiers[tier];
  if (!tierOfRun) throw new Error(`${run.name} has no tier ${tier}`);
  const { rounds, size } = tierOfRun;
  const progressFile = directory && join(directory, `${run.name}-${tier}.progress.json`);
  const progress = resume(progressFile, options);
  const { seed } = progress;
  say(`${run.name} ${tier}, seed ${seed}: ${run.promise}`);
  if (progress.rounds.length > 0)
    say(`${run.name} goes on after round ${progress.rounds.length} of ${rounds}.`);
  let postgres = '';
  for (let round = progress.rounds.length; round < rounds; round += 1) {
    const done = await carryOutRound(run, size, { round, seed, say });
    postgres = done.postgres;
    progress.rounds.push(done.report);
    if (progressFile) writeFileSync(progressFile, JSON.stringify(progress));
    for (const line of linesOf(done.report))
      say(`${run.name} round ${round + 1}/${rounds} ${line}`);
  }
  const report = summarise(run, tier, progress, postgres);
  if (progressFile) rmSync(progressFile, { force: true });
  if (directory) {
    const stamp = report.startedAt.replaceAll(/[:.]/g, '-');
    const file = join(directory, `${run.name}-${stamp}.json`);
    writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
    say(`${run.name} ${report.kept ? 'kept' : 'BROKEN'}: ${file}`);
  }
  return report;
}

function resume(file: string | null, { seed }: RunOptions): Progress {
  const commit = currentCommit();
  if (file) mkdirSync(join(file, '..'), { recursive: true });
  if (file && existsSync(file)) {
    const progress = JSON.parse(readFileSync(file, 'utf8')) as Progress;
    // Rounds of another build, or of another chance, say nothing about this one.
    if (progress.commit === commit && (seed === undefined || seed === progress.seed))
      return progress;
  }
  return { seed: seed ?? Math.floor(Math.random() * 2 ** 31), commit, rounds: [] };
}

async function carryOutRound(
  run: ChaosRun,
  size: unknown,
  at: { round: number; seed: number; say: (line: string) => void },
): Promise<{ report: RoundReport; postgres: string }> {
  const { round, seed, say } = at;
  const startedAt = new Date();
  const startedMs = performance.now();
  const directory = mkdtempSync(join(tmpdir(), `tyrian-${run.name.toLowerCase()}-`));
  letThrough(directory);
  const random = new Random((seed + round * 7_919) >>> 0);
  const findings = new Findings();
  const worlds: World[] = [];
  const lag = new OwnLag();
  let postgres = '';
  try {
    await run.round(
      {
        random,
        findings,
        lag,
        say: (line) => say(`${run.name} ${line}`),
        world: async (options) => {
          const name = `${run.name}-${seed}-${round}-${worlds.length}`;
          const world = await World.start(join(directory, name), name, random.fork(), options);
          worlds.push(world);
          postgres = await versionOf(world);
          return world;
        },
      },
      size,
    );
  } catch (error) {
    findings.exactly('the round came to its end', String((error as Error).stack ?? error), '');
  }
  lag.stop();
  findings.highest('max_harness_lag_ms', lag.maxMs);
  findings.highest('max_harness_lag_p99_ms', lag.p99Ms);
  const isBroken = findings.checks.some(({ holds }) => !holds);
  for (const world of worlds) {
    if (isBroken) await world.keepDatabase().catch(() => undefined);
    await world.close().catch((error: unknown) => say(`${run.name}: ${String(error)}`));
  }
  if (!isBroken) rmSync(directory, { recursive: true, force: true });
  const report: RoundReport = {
    round,
    startedAt: startedAt.toISOString(),
    seconds: secondsSince(startedMs),
    counts: findings.counts,
    checks: findings.checks,
    notes: findings.notes,
    ...(isBroken ? { histories: directory } : {}),
  };
  return { report, postgres };
}

function summarise(run: ChaosRun, tier: Tier, progress: Progress, postgres: string): RunReport {
  const { rounds, seed, commit } = progress;
  const counts: Record<string, number> = {};
  for (const round of rounds) {
    for (const [name, value] of Object.entries(round.counts)) {
      const before = counts[name] ?? 0;
      counts[name] = name.startsWith('max_') ? Math.max(before, value) : before + value;
    }
  }
  const checks = rounds.flatMap((round) => round.checks);
  return {
    run: run.name,
    promise: run.promise,
    tier,
    seed,
    // A run that checked nothing has shown nothing.
    kept: checks.length > 0 && checks.every(({ holds }) => holds),
    startedAt: rounds[0]?.startedAt ?? new Date().toISOString(),
    seconds: rounds.reduce((sum, round) => sum + round.seconds, 0),
    counts,
    rounds,
    commit,
    node: process.version,
    postgres,
    machine: `${cpus().length} cores`,
  };
}

function linesOf({ seconds, counts, checks, notes, histories }: RoundReport): string[] {
  const broken = checks.filter(({ holds }) => !holds);
  return [
    `(${seconds} s): ${Object.entries(counts)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ')}`,
    ...broken.map(
      ({ what, measured, threshold }) => `BROKEN ${what}: ${measured}, not ${threshold}`,
    ),
    ...(broken.length > 0 ? notes.slice(0, 20).map((note) => `  ${note}`) : []),
    ...(histories ? [`histories left in ${histories}`] : []),
  ];
}

async function versionOf(world: World): Promise<string> {
  const [row] = await world.postgres.query<{ server_version: string }>('show server_version');
  return row?.server_version ?? '';
}

function currentCommit(): string {
  try {
    const git = (...args: string[]): string =>
      execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' }).trim();
    const isClean = git('status', '--porcelain', '--untracked-files=no') === '';
    return `${git('rev-parse', '--short', 'HEAD')}${isClean ? '' : ' with changes'}`;
  } catch {
    return 'unknown';
  }
}

function secondsSince(startedMs: number): number {
  return Math.round((performance.now() - startedMs) / 100) / 10;
}
