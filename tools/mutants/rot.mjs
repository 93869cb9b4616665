import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { applyPatch } from './apply-patch.mjs';

/** Of DISPATCH; 20 speaks of Citus, for which there is nothing to plant a bug into yet. */
const rules = [...Array.from({ length: 19 }, (_, index) => index + 1), 21, 22];

/**
 * What would keep mutants from being planted, or from being noticed.
 *
 * @param {import('./mutant.mjs').Mutant[]} mutants
 * @returns {string[]} sentences
 */
export function findRot(mutants, root) {
  const withMutant = new Set(mutants.map(({ rule }) => Number(rule)));
  const bare = rules
    .filter((rule) => !withMutant.has(rule))
    .map((rule) => `rule ${rule} has no mutant`);
  const table = readFileSync(join(root, 'docs', 'guarantees.md'), 'utf8');
  const untold = mutants
    .filter(({ bug }) => !table.includes(bug))
    .map(({ name }) => `docs/guarantees.md does not tell of ${name}`);
  return [...bare, ...untold, ...mutants.flatMap((mutant) => rotOf(mutant, root))];
}

function rotOf({ name, file, spec, test }, root) {
  const complaint = applyPatch(file, root, ['--check']);
  if (complaint !== null) return [`${name} does not apply any more: ${complaint}`];
  const path = join(root, spec);
  // In the source a title may be written with escapes.
  const isThere =
    existsSync(path) && readFileSync(path, 'utf8').replaceAll('\\', '').includes(test);
  return isThere ? [] : [`${name} names a test that is not there: ${spec}: ${test}`];
}
