// `npm test`: prepares a bare clone, checks, runs all tests, and ends with one line that a machine
// can read: `N passed, N failed`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { check } from './check.mjs';
import { prepare } from './prepare.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * One after the other: most short runs want a machine that does nothing else, and some of them not even run beside the others.
 * Of three tests at a time one mostly waits. The siege, runbooks and broken gateways, is left out: `npm run test:chaos`.
 */
const parts = [
  ['--maxWorkers=3', '--selectProjects', 'unit', 'integration', 'chaos', 'e2e'],
  ['--maxWorkers=2', '--selectProjects', 'raid'],
  ['--maxWorkers=1', '--selectProjects', 'duel'],
];

async function main() {
  try {
    prepare();
  } catch (error) {
    console.error(error.message);
    return { passed: 0, failed: 1 };
  }
  const failedChecks = await check();
  const asked = process.argv.slice(2);
  const runs = asked.includes('--selectProjects')
    ? [['--maxWorkers=2', ...asked]]
    : parts.map((part) => [...asked, ...part]);
  const tests = runs.map(runTests);
  if (failedChecks.length > 0) console.log(`Failed checks: ${failedChecks.join(', ')}.`);
  const sum = (count) => tests.reduce((all, test) => all + test[count], 0);
  return { passed: sum('passed'), failed: sum('failed') + failedChecks.length };
}

function runTests(args) {
  const directory = mkdtempSync(join(tmpdir(), 'tyrian-results-'));
  const results = join(directory, 'results.json');
  try {
    spawnSync(
      process.execPath,
      [
        '--experimental-vm-modules',
        '--no-warnings',
        join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
        '--ci',
        '--json',
        `--outputFile=${results}`,
        ...args,
      ],
      { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] },
    );
    const outcome = JSON.parse(readFileSync(results, 'utf8'));
    console.log(`The slowest: ${slowestOf(outcome.testResults).join(', ')}.`);
    // A file that could not be loaded has no failed test in it.
    const failed = outcome.numFailedTests + outcome.numRuntimeErrorTestSuites;
    return { passed: outcome.numPassedTests, failed: Math.max(failed, outcome.success ? 0 : 1) };
  } catch (error) {
    console.error(`The test run gave no results: ${error.message}`);
    return { passed: 0, failed: 1 };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** All tests together are to stay below twenty minutes: these are where to look when they do not. */
function slowestOf(files) {
  return files
    .map(({ name, startTime, endTime }) => ({ name, seconds: (endTime - startTime) / 1_000 }))
    .toSorted((a, b) => b.seconds - a.seconds)
    .slice(0, 12)
    .map(({ name, seconds }) => `${relative(root, name)} ${Math.round(seconds)} s`);
}

const { passed, failed } = await main();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
