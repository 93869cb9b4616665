import { carryOutTogether } from './carry-out-short.js';
import { patientRuns } from './runs/index.js';

carryOutTogether(patientRuns);
