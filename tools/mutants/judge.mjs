import { isTitleOf } from './mutant.mjs';
import { runTests } from './run-tests.mjs';

/** Must hold with every mutant that a gateway runs with: one that breaks everything proves nothing of its rule. */
const control = {
  spec: 'test/mutants/control.spec.ts',
  tests: ['a message is accepted, sent and delivered'],
};

/**
 * Plants the mutant, runs the test that names its rule, and pulls it out again.
 *
 * @param {import('./mutant.mjs').Mutant} mutant
 * @returns {{ verdict: 'killed' | 'SURVIVED' | 'broken', why: string }}
 */
export function judge(mutant, copy) {
  const misfit = copy.plant(mutant.file);
  if (misfit !== null) return broken(`does not apply: ${misfit}`);
  try {
    const complaint = mutant.isBuilt ? copy.build() : copy.checkTypes();
    if (complaint !== null) return broken(`does not compile: ${complaint}`);
    return verdictOn(mutant, copy);
  } finally {
    copy.pullOut(mutant.file);
    if (mutant.isBuilt) copy.build();
  }
}

function verdictOn({ spec, test, rule }, copy) {
  const needsGateway = spec.startsWith('test/');
  const { passed, failed, crashed } = runTests(copy.directory, [
    { spec, tests: [test] },
    ...(needsGateway ? [control] : []),
  ]);
  if (crashed !== null) return broken(`crashed before its test: ${crashed}`);
  const isControl = (title) => control.tests.some((name) => title.includes(name));
  const isWanted = (title) => isTitleOf(test, title);
  if (needsGateway && !passed.some(isControl)) return broken('nothing is sent any more');
  const noticed = failed.find(({ title }) => isWanted(title));
  if (noticed) {
    return namesRule(noticed.title, rule)
      ? { verdict: 'killed', why: noticed.why }
      : broken(`its test does not name the rule: ${noticed.title}`);
  }
  return passed.some(isWanted)
    ? { verdict: 'SURVIVED', why: 'its test is green' }
    : broken('its test was not run');
}

function namesRule(title, rule) {
  return new RegExp(`\\b(DISPATCH|Rule|DISPATCH rule) ${Number(rule)}\\b`, 'i').test(title);
}

function broken(why) {
  return { verdict: 'broken', why };
}
