import { carryOutTogether } from './carry-out-short.js';
import { pacedRuns } from './runs/index.js';

carryOutTogether(pacedRuns);
