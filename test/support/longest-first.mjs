import TestSequencer from '@jest/test-sequencer';

/** It takes minutes, and mostly waits: begun last, the whole run would wait for it alone. */
const longest = /\/steady-runs\.chaos\.spec\.ts$/;

/** Jest's own order knows only what is large where no run came before, as in CI. */
export default class LongestFirst extends TestSequencer {
  async sort(tests) {
    const sorted = await super.sort(tests);
    const isLong = ({ path }) => longest.test(path);
    return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))];
  }
}
