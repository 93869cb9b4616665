// Owns no table.
// Offers /v1/accounts, /admin/connections, /admin/tenants/{id}/accounts and /admin/callback-keys.
// May call AccountsModule and the provider (key checks); expects AccountWork and OpenWorkCloser from a global module.
import { Module } from '@nestjs/common';
import { AccountDeletion } from './account-deletion.js';
import { AccountViews } from './account-views.js';
import { AccountsController } from './accounts.controller.js';
import { AccountsModule } from './accounts.module.js';
import { AccountsService } from './accounts.service.js';
import { CallbackKeysController } from './callback-keys.controller.js';
import { ConnectionStore } from './connection-store.js';
import { ConnectionsController } from './connections.controller.js';
import { ConnectionsService } from './connections.service.js';
import { KeyChecker } from './key-checker.js';
import { ManagedAccountsController } from './managed-accounts.controller.js';
import { ManagedAccountsService } from './managed-accounts.service.js';

@Module({
  imports: [AccountsModule],
  controllers: [
    AccountsController,
    ManagedAccountsController,
    ConnectionsController,
    CallbackKeysController,
  ],
  providers: [
    AccountsService,
    ManagedAccountsService,
    AccountDeletion,
    AccountViews,
    ConnectionsService,
    ConnectionStore,
    KeyChecker,
  ],
})
export class AccountsApiModule {}
