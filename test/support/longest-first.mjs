import TestSequencer from '@jest/test-sequencer';

/** Files that take minutes, of which they mostly wait: begun last, the whole run would wait for them alone. */
const longest = [/\/steady-runs\.chaos\.spec\.ts$/, /\/npm-start\.spec\.ts$/];

/** Jest's own order knows only what is large where no run came before, as in CI. */
export default class LongestFirst extends TestSequencer {
  async sort(tests) {
    const sorted = await super.sort(tests);
    const isLong = ({ path }) => longest.some((name) => name.test(path));
    return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))];
  }
}
