import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyPatch } from './apply-patch.mjs';
import { typeChecker } from './type-check.mjs';

/** With their times: packages must not seem older than the lock file. */
const options = { recursive: true, preserveTimestamps: true };
const left = new Set(['node_modules', '.git', '.data', 'coverage']);

/** The checkout as it stands, with its build and the same packages, for bugs to be planted into. */
export function makeCopy(root) {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'tyrian-mutants-')));
  for (const entry of readdirSync(root))
    if (!left.has(entry)) cpSync(join(root, entry), join(directory, entry), options);
  symlinkSync(realpathSync(join(root, 'node_modules')), join(directory, 'node_modules'));
  return {
    directory,
    plant: (patch) => applyPatch(patch, directory),
    pullOut: (patch) => applyPatch(patch, directory, ['--reverse']),
    checkTypes: typeChecker(directory),
    build: () => build(directory),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** @returns {string | null} the complaint, null where it went well */
function build(directory) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['tools/prepare.mjs'], {
    cwd: directory,
    encoding: 'utf8',
  });
  return status === 0 ? null : `${stdout}${stderr}`.trim();
}
