import { carryOutInTurn } from './carry-out-short.js';
import { pacedRuns } from './runs/index.js';

carryOutInTurn(pacedRuns, 600_000);
