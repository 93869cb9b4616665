import { describe, it } from '@jest/globals';
import { carryOutShort } from './carry-out-short.js';
import { patientRuns } from './runs/index.js';

describe('the short tier of', () => {
  it.concurrent.each(patientRuns.map((run) => [run.name, run.promise, run] as const))(
    '%s: %s',
    (_, __, run) => carryOutShort(run),
    600_000,
  );
});
