import { describe, expect, it } from '@jest/globals';
import { loneRuns, pacedRuns, patientRuns, quickRuns, runs, steadyRuns } from './index.js';

describe('npm test', () => {
  it('carries out the short tier of each run once; those of S2, S4 and S5 are walls of their own', () => {
    const carriedOut = [steadyRuns, quickRuns, patientRuns, pacedRuns, loneRuns].flat();
    const names = carriedOut.map(({ name }) => name);
    expect([...names, 'S2', 'S4', 'S5'].toSorted()).toEqual(
      runs.map(({ name }) => name).toSorted(),
    );
  });
});
