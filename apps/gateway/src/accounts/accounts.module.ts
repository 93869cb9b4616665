// Owns connections, connection_states, accounts and callback_keys; of lanes their making and people's pauses.
// Offers ConnectionStates, ConnectionKeys, CallbackUrls, AccountDirectory, LanePauses, KeyFingerprints.
// May call tenants, the vault, the database.
import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { TenantsModule } from '../tenants/index.js';
import { AccountDirectory } from './account-directory.js';
import { Account } from './account.entity.js';
import { CallbackKeys } from './callback-keys.js';
import { CallbackUrls } from './callback-urls.js';
import { ConnectionKeys } from './connection-keys.js';
import { ConnectionState } from './connection-state.entity.js';
import { ConnectionStates } from './connection-states.js';
import { Connection } from './connection.entity.js';
import { KeyFingerprints } from './key-fingerprints.js';
import { LanePauses } from './lane-pauses.js';
import { Lane } from './lane.entity.js';
import { SealedSecrets } from './sealed-secrets.js';

const offered = [
  AccountDirectory,
  CallbackKeys,
  CallbackUrls,
  ConnectionKeys,
  ConnectionStates,
  KeyFingerprints,
  LanePauses,
  SealedSecrets,
];

@Module({
  imports: [TenantsModule, TypeOrmModule.forFeature([ConnectionState, Connection, Account, Lane])],
  providers: offered,
  exports: offered,
})
export class AccountsModule {}
