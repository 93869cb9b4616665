import { carryOutInTurn } from './carry-out-short.js';
import { loneRuns, patientRuns, quickRuns, runs } from './runs/index.js';

const carriedOut = new Set([...quickRuns, ...patientRuns, ...loneRuns]);

carryOutInTurn(
  runs.filter((run) => !carriedOut.has(run)),
  600_000,
);
