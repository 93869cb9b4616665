import { carryOutInTurn } from './carry-out-short.js';
import { loneRuns, patientRuns, quickRuns, runs, steadyRuns } from './runs/index.js';

const carriedOut = new Set([...steadyRuns, ...quickRuns, ...patientRuns, ...loneRuns]);

carryOutInTurn(
  runs.filter((run) => !carriedOut.has(run)),
  600_000,
);
