import { carryOutInTurn } from './carry-out-short.js';
import { loneRuns } from './runs/index.js';

carryOutInTurn(loneRuns, 600_000);
