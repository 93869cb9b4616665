// `npm test`: prepares a bare clone, checks, runs all tests, and ends with one line that a machine
// can read: `N passed, N failed`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { check } from './check.mjs';
import { prepare } from './prepare.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

async function main() {
  try {
    prepare();
  } catch (error) {
    console.error(error.message);
    return { passed: 0, failed: 1 };
  }
  const failedChecks = await check();
  const tests = runTests();
  if (failedChecks.length > 0) console.log(`Failed checks: ${failedChecks.join(', ')}.`);
  return { passed: tests.passed, failed: tests.failed + failedChecks.length };
}

function runTests() {
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
        '--maxWorkers=2',
        '--json',
        `--outputFile=${results}`,
        ...projects(process.argv.slice(2)),
      ],
      { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] },
    );
    const outcome = JSON.parse(readFileSync(results, 'utf8'));
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

/** All but the siege, which wants a machine to itself: `npm run test:chaos`. */
function projects(args) {
  return args.includes('--selectProjects')
    ? args
    : [...args, '--selectProjects', 'unit', 'integration', 'chaos', 'e2e'];
}

const { passed, failed } = await main();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
