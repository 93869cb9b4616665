// `npm run chaos -- R1 [R2 …] [--tier short|full|defaults] [--seed N] [--times N]`, `npm run chaos -- runbook balance-empty`: carries runs out, one after the other, all
// of them so often in a row, and exits with 1 where a promise was broken. Without a name it lists them.
import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { root } from '../support/root.js';
import { carryOut } from './harness/runner.js';
import { tiers, type Tier } from './harness/run.js';
import { runbooks } from './runbooks/index.js';
import { findRun, runs } from './runs/index.js';

const all = [...runs, ...runbooks];
const find = (name: string) => findRun(name) ?? runbooks.find((run) => run.name === name);

const say = (line: string): void =>
  console.log(`${new Date().toISOString().slice(11, 19)} ${line}`);

async function main(): Promise<number> {
  const { values, positionals: words } = parseArgs({
    allowPositionals: true,
    options: {
      tier: { type: 'string', default: 'full' },
      seed: { type: 'string' },
      times: { type: 'string', default: '1' },
    },
  });
  const [first, ...rest] = words;
  const positionals = first === 'runbook' ? rest.map((name) => `runbook-${name}`) : words;
  const tier = tiers.find((known) => known === values.tier);
  if (tier === undefined) return refuse(`--tier is one of ${tiers.join(', ')}`);
  const seed = values.seed === undefined ? undefined : Number(values.seed);
  if (seed !== undefined && !Number.isSafeInteger(seed)) return refuse('--seed is a whole number');
  const times = Number(values.times);
  if (!Number.isSafeInteger(times) || times < 1) return refuse('--times is a whole number from 1');
  const unknown = positionals.filter((name) => !find(name));
  if (unknown.length > 0) return refuse(`there is no run ${unknown.join(', ')}`);
  const without = positionals.filter((name) => find(name)?.tiers[tier] === undefined);
  if (without.length > 0) return refuse(`${without.join(', ')} has no tier ${tier}`);
  if (positionals.length === 0) {
    for (const run of all) console.log(`${run.name.padEnd(5)} ${run.promise}`);
    return refuse('name the runs to carry out');
  }
  let isBroken = false;
  for (const name of Array.from({ length: times }, () => positionals).flat())
    isBroken = !(await isKept(name, tier, seed)) || isBroken;
  return isBroken ? 1 : 0;
}

async function isKept(name: string, tier: Tier, seed: number | undefined): Promise<boolean> {
  const run = find(name);
  if (!run) return false;
  const report = await carryOut(run, {
    tier,
    say,
    directory: join(root, '.data', 'chaos'),
    ...(seed === undefined ? {} : { seed }),
  });
  return report.kept;
}

function refuse(why: string): number {
  console.error(why);
  return 2;
}

// What a broken round has left behind keeps nothing alive.
process.exit(await main());
