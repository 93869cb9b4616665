export { AccountDirectory, type SendingAccount } from './account-directory.js';
export {
  AccountWork,
  noLoad,
  OpenWorkCloser,
  type AccountLoad,
  type StatementRunner,
} from './account-work.js';
export { Account, type Category } from './account.entity.js';
export { AccountsApiModule } from './accounts-api.module.js';
export { AccountsModule } from './accounts.module.js';
export { CallbackUrls, type StatusOrigin } from './callback-urls.js';
export { ConnectionKeys, type OpenedKey } from './connection-keys.js';
export { ConnectionState } from './connection-state.entity.js';
export { ConnectionStates, type KeyState } from './connection-states.js';
export { Connection } from './connection.entity.js';
export { QueuedDto } from './dto/account.dto.js';
export { PauseDto } from './dto/account-settings.dto.js';
export { pauseOf, type AccountState, type Pause, type PauseColumns } from './lane-pause.js';
export { LanePauses } from './lane-pauses.js';
export type { LaneOutcome, LaneReport } from './lane-report.js';
export { Lane } from './lane.entity.js';
export { SealedSecrets } from './sealed-secrets.js';
export { TenantAccounts } from './tenant-accounts.js';
