// `npm run check`: everything about a change that needs no test run. Two steps at a time; what a
// step has to say is printed only when it fails.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const CONCURRENCY = 2;

const folders = ['apps', 'bench', 'libs', 'test', 'tools'];
const steps = [
  { name: 'types', command: ['tsc', '--noEmit', '-p', 'tsconfig.json'] },
  { name: 'generated files', command: ['node', 'tools/generate.mjs', '--check'] },
  // Bare, oxlint would read the configuration of some package in node_modules.
  {
    name: 'lint',
    command: ['oxlint', '--disable-nested-config', '-c', '.oxlintrc.json', ...folders],
  },
  { name: 'format', command: ['oxfmt', '--check', '--disable-nested-config', '.'] },
  {
    name: 'layers',
    command: ['depcruise', '--config', '.dependency-cruiser.mjs', 'apps', 'libs', 'test'],
  },
  { name: 'mutants', command: ['node', 'tools/mutants.mjs', '--check'] },
  { name: 'dead code', command: ['knip', '--no-progress', '--treat-config-hints-as-errors'] },
];

/** @returns {Promise<string[]>} the names of the steps that failed */
export async function check() {
  const failed = [];
  const waiting = [...steps];
  const worker = async () => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const startedAt = performance.now();
      const { code, output } = await run(step.command);
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      console.log(`${code === 0 ? 'ok    ' : 'FAILED'}  ${step.name} (${seconds} s)`);
      if (code === 0) continue;
      failed.push(step.name);
      console.log(output.trimEnd());
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return failed;
}

function run([program, ...args]) {
  const path = program === 'node' ? process.execPath : join(root, 'node_modules', '.bin', program);
  return new Promise((resolve) => {
    const child = spawn(path, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    }
    child.once('error', (error) => resolve({ code: 1, output: error.message }));
    child.once('close', (code) => resolve({ code, output }));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const failed = await check();
  if (failed.length > 0) {
    console.error(`Failed: ${failed.join(', ')}.`);
    process.exit(1);
  }
}
