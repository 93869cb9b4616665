import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';

/** @returns {string | null} git's complaint, null where it went well */
export function applyPatch(file, root, options = []) {
  const { status, stderr, error } = spawnSync('git', ['apply', ...options, file], {
    cwd: root,
    encoding: 'utf8',
    // A copy is no repository: one that happens to lie above it must not be taken for its own.
    env: { ...process.env, GIT_CEILING_DIRECTORIES: dirname(root) },
  });
  if (error) throw error;
  return status === 0 ? null : stderr.trim();
}
