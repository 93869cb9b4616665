import { setTimeout as delay } from 'node:timers/promises';
import { describe, it } from '@jest/globals';
import { carryOutShort } from './carry-out-short.js';
import { patientRuns } from './runs/index.js';

/** One after another: so many databases and gateways that start at once take no tenant in time. */
const startsEveryMs = 20_000;

describe('the short tier of', () => {
  it.concurrent.each(patientRuns.map((run, n) => [run.name, run.promise, run, n] as const))(
    '%s: %s',
    async (_, __, run, n) => {
      await delay(n * startsEveryMs);
      await carryOutShort(run);
    },
    600_000,
  );
});
