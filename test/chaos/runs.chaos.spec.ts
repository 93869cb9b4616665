import { describe, it } from '@jest/globals';
import { carryOutShort } from './carry-out-short.js';
import { patientRuns, quickRuns, runs } from './runs/index.js';

const others = runs.filter((run) => !quickRuns.includes(run) && !patientRuns.includes(run));

describe('the short tier of', () => {
  it.each(others.map((run) => [run.name, run.promise, run] as const))(
    '%s: %s',
    (_, __, run) => carryOutShort(run),
    600_000,
  );
});
