// `npm run mutants [-- 07 …]`: plants one bug after the other into a copy of the checkout, and sees the test that names
// the rule fail. Exits with 1 where a mutant survives, or is none: it does not apply, does not compile, or nothing
// runs with it. With --check it only looks whether the patches can still be planted, and whether every rule has one.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makeCopy } from './mutants/copy.mjs';
import { judge } from './mutants/judge.mjs';
import { isOfRule, isTitleOf, readMutants } from './mutants/mutant.mjs';
import { findRot } from './mutants/rot.mjs';
import { runTests } from './mutants/run-tests.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

function main() {
  const { values, positionals: rules } = parseArgs({
    allowPositionals: true,
    options: { check: { type: 'boolean', default: false } },
  });
  const { mutants, flaws } = readMutants(join(root, 'test', 'mutants'));
  const rot = [...flaws, ...findRot(mutants, root)];
  if (values.check) return complain(rot);
  const chosen = mutants.filter((mutant) => isOfRule(mutant, rules));
  if (chosen.length === 0) return complain([`there is no mutant of ${rules.join(', ')}`]);
  // What a whole run would find anyway; one of some rules is not kept from its work by the others.
  const complaints = rules.length === 0 ? rot : [];
  return Math.max(complain(complaints), plant(chosen));
}

/** @returns the exit code */
function plant(mutants) {
  const copy = makeCopy(root);
  try {
    say('The tests without any mutant …');
    const red = runUnmutated(mutants, copy);
    const verdicts = mutants.map((mutant) => {
      const startedAt = Date.now();
      const judged = red.has(mutant.spec)
        ? { verdict: 'broken', why: `${mutant.spec} fails, or finds no test, without it` }
        : judge(mutant, copy);
      const seconds = Math.round((Date.now() - startedAt) / 1_000);
      say(`${judged.verdict.padEnd(8)}  ${mutant.name} (${seconds} s)  ${judged.why}`);
      return { ...mutant, ...judged, seconds };
    });
    console.log(`\n${table(verdicts)}`);
    say(`The report: ${writeReport(verdicts)}`);
    return verdicts.every(({ verdict }) => verdict === 'killed') ? 0 : 1;
  } finally {
    copy.remove();
  }
}

/** @returns the spec files that are red with nothing planted: they can convict nobody. */
function runUnmutated(mutants, copy) {
  const titles = new Map();
  for (const { spec, test } of mutants) titles.set(spec, [...(titles.get(spec) ?? []), test]);
  const built = copy.build();
  if (built !== null) throw new Error(`The checkout cannot be built:\n${built}`);
  const red = new Set();
  for (const [spec, tests] of titles) {
    const { passed, failed } = runTests(copy.directory, [{ spec, tests }]);
    const isGreen =
      failed.length === 0 && tests.every((test) => passed.some((title) => isTitleOf(test, title)));
    say(`${isGreen ? 'green' : 'RED'}     ${spec}`);
    if (!isGreen) red.add(spec);
  }
  return red;
}

function table(verdicts) {
  const rows = verdicts.map(({ rule, bug, spec, test, verdict }) =>
    [rule, bug, `${spec.split('/').at(-1)}: ${test}`, verdict].join(' | '),
  );
  return ['rule | bug | test | verdict', '---|---|---|---', ...rows]
    .map((row) => `| ${row} |`)
    .join('\n');
}

function writeReport(verdicts) {
  const directory = join(root, '.data', 'mutants');
  mkdirSync(directory, { recursive: true });
  const at = new Date().toISOString();
  const file = join(directory, `${at.replaceAll(/[:.]/g, '-')}.json`);
  writeFileSync(
    file,
    `${JSON.stringify({ at, node: process.version, mutants: verdicts }, null, 2)}\n`,
  );
  return file;
}

function complain(sentences) {
  for (const sentence of sentences) console.error(sentence);
  return sentences.length === 0 ? 0 : 1;
}

function say(line) {
  console.log(line);
}

process.exitCode = main();
