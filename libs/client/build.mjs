// Compiles the client twice, for `import` and for `require`. Run by `npm pack`.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, 'dist');
const compiler = createRequire(import.meta.url).resolve('typescript/lib/tsc.js');

rmSync(dist, { recursive: true, force: true });
for (const [folder, type, module] of [
  ['esm', 'module', 'es2022'],
  ['cjs', 'commonjs', 'commonjs'],
]) {
  const out = join(dist, folder);
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, 'package.json'), `{ "type": "${type}" }\n`);
  const args = ['-p', here, '--module', module, '--moduleResolution', 'bundler', '--outDir', out];
  const { status } = spawnSync(process.execPath, [compiler, ...args], { stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
}
