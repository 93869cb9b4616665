import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A bug to plant: a patch, whose head says which rule it breaks and which test must notice.
 *
 * @typedef {object} Mutant
 * @property {string} name of the file, without its ending
 * @property {string} file
 * @property {string} rule two digits, of the dispatch protocol
 * @property {string} bug in one sentence
 * @property {string} spec file of the test
 * @property {boolean} isBuilt its test runs what stands in dist: migrations, or a gateway's own process
 * @property {string} test part of its title, as it stands in that file; %s and its like are for any text
 */

/** @returns {{ mutants: Mutant[], flaws: string[] }} in the order of the rules; a flaw is a file that is no mutant */
export function readMutants(directory) {
  const mutants = [];
  const flaws = [];
  const entries = readdirSync(directory).filter((entry) => !entry.endsWith('.spec.ts'));
  for (const entry of entries.sort()) {
    const file = join(directory, entry);
    const [, name, rule] = /^((\d\d)-[a-z0-9-]+)\.patch$/.exec(entry) ?? [];
    const head = name === undefined ? null : readHead(readFileSync(file, 'utf8'));
    if (head === null || Number(head.rule) !== Number(rule)) {
      flaws.push(`${entry} is no NN-name.patch with # Rule, # Bug, # Spec and # Test in its head`);
      continue;
    }
    mutants.push({ name, file, ...head, rule });
  }
  return { mutants, flaws };
}

/** `07`, `7` and the beginning of a name choose; nothing chooses all. */
export function isOfRule({ name, rule }, wanted) {
  return (
    wanted.length === 0 ||
    wanted.some((word) =>
      /^\d+$/.test(word) ? Number(word) === Number(rule) : name.startsWith(word),
    )
  );
}

export function isTitleOf(test, title) {
  return new RegExp(titlePattern(test)).test(title);
}

/** What the full title of the test is found by. */
export function titlePattern(test) {
  return test
    .split(/%[a-z]/)
    .map((text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
    .join('.*');
}

function readHead(patch) {
  const of = (key) => new RegExp(`^# ${key}: (.+)$`, 'm').exec(patch)?.[1];
  const head = { rule: of('Rule'), bug: of('Bug'), spec: of('Spec'), test: of('Test') };
  if (Object.values(head).includes(undefined)) return null;
  return { ...head, isBuilt: of('Built') === 'yes' };
}
