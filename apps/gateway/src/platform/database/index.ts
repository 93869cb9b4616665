export { DatabaseUnusable, examineServer, explainStatement } from './connect.js';
export { ControlPlane, type ControlPlaneActor } from './control-plane.js';
export { DatabaseAddress } from './database-address.js';
export { DatabaseHealth, NotDurable, SchemaTooOld } from './database-health.js';
export { DatabaseMetrics } from './database-metrics.js';
export { DatabaseModule } from './database.module.js';
export { CommitOutcomeUnknown } from './commit-outcome-unknown.js';
export { Database, planByKeysAlone, type DatabaseRole, type Transaction } from './database.js';
export { GroupCommit, NotWritten, QueueFull, StillInFlight } from './group-commit.js';
export { InstallationHold } from './installation-hold.js';
export { InstallationMarks, type DifferentMark } from './installation-marks.js';
export { LaneSignals, type WorkHint } from './lane-signals.js';
export { migrate } from './migrate.js';
export { newestMigration } from './migrations/index.js';
export { LineTooLong } from './pool-line.js';
export { PartitionKeeper } from './partition-keeper.js';
export { sqlFile, type SqlStatement } from './sql-file.js';
export {
  constraintOf,
  isConnectionLoss,
  isDataRefused,
  isLockTimeout,
  sqlStateOf,
} from './sql-state.js';
