import { describe, it } from '@jest/globals';
import { carryOutShort } from './carry-out-short.js';
import { quickRuns } from './runs/index.js';

describe('the short tier of', () => {
  it.each(quickRuns.map((run) => [run.name, run.promise, run] as const))(
    '%s: %s',
    (_, __, run) => carryOutShort(run),
    240_000,
  );
});
