import { carryOutInTurn } from './carry-out-short.js';
import { quickRuns } from './runs/index.js';

carryOutInTurn(quickRuns, 600_000);
