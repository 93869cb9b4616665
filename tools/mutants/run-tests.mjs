import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { titlePattern } from './mutant.mjs';

const mostLines = 12;

/**
 * Runs some tests of some files.
 *
 * @param {string} directory of the checkout
 * @param {{ spec: string, tests: string[] }[]} wanted parts of titles by file
 * @returns {{ passed: string[], failed: { title: string, why: string }[], crashed: string | null }}
 *   full titles; crashed says why a file could not be loaded at all
 */
export function runTests(directory, wanted) {
  const scratch = mkdtempSync(join(tmpdir(), 'tyrian-results-'));
  const results = join(scratch, 'results.json');
  const titles = wanted.flatMap(({ tests }) => tests.map(titlePattern)).join('|');
  try {
    const { stderr } = spawnSync(
      process.execPath,
      [
        '--experimental-vm-modules',
        '--no-warnings',
        'node_modules/jest/bin/jest.js',
        '--ci',
        '--runInBand',
        '--json',
        `--outputFile=${results}`,
        `--testNamePattern=${titles}`,
        '--runTestsByPath',
        ...wanted.map(({ spec }) => spec),
      ],
      { cwd: directory, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 },
    );
    return read(results, stderr);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function read(results, stderr) {
  let outcome;
  try {
    outcome = JSON.parse(readFileSync(results, 'utf8'));
  } catch {
    return { passed: [], failed: [], crashed: gist(stderr) };
  }
  const files = outcome.testResults;
  const crash = files.find(
    ({ assertionResults, status }) => status === 'failed' && assertionResults.length === 0,
  );
  const tests = files.flatMap(({ assertionResults }) => assertionResults);
  return {
    passed: tests.filter(({ status }) => status === 'passed').map(({ fullName }) => fullName),
    failed: tests
      .filter(({ status }) => status === 'failed')
      .map(({ fullName, failureMessages }) => ({
        title: fullName,
        why: gist(failureMessages[0]),
      })),
    crashed: crash ? gist(crash.message) : null,
  };
}

/** Up to the first line of code: what was expected, and what was seen. */
function gist(text = '') {
  const lines = stripVTControlCharacters(text)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('●'));
  const end = lines.findIndex((line) => line.startsWith('at '));
  return lines.slice(0, end === -1 ? mostLines : Math.min(end, mostLines)).join(' · ');
}
