import { carryOutInTurn } from './carry-out-short.js';
import { steadyRuns } from './runs/index.js';

carryOutInTurn(steadyRuns, 900_000);
