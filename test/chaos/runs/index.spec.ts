import { describe, expect, it } from '@jest/globals';
import { loneRuns, pacedRuns, patientRuns, quickRuns, runs, steadyRuns } from './index.js';

describe('npm test', () => {
  it('carries out the short tier of each run once; that of S2 is a wall of its own', () => {
    const carriedOut = [steadyRuns, quickRuns, patientRuns, pacedRuns, loneRuns].flat();
    const names = carriedOut.map(({ name }) => name);
    expect([...names, 'S2'].toSorted()).toEqual(runs.map(({ name }) => name).toSorted());
  });
});
