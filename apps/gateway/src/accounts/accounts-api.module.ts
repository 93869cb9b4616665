// Owns no table.
// Offers /v1/accounts and /admin/callback-keys.
// May call AccountsModule and the provider (key checks); expects AccountWork and OpenWorkCloser from a global module.
import { Module } from '@nestjs/common';
import { AccountDeletion } from './account-deletion.js';
import { AccountViews } from './account-views.js';
import { AccountsController } from './accounts.controller.js';
import { AccountsModule } from './accounts.module.js';
import { AccountsService } from './accounts.service.js';
import { CallbackKeysController } from './callback-keys.controller.js';
import { KeyChecker } from './key-checker.js';

@Module({
  imports: [AccountsModule],
  controllers: [AccountsController, CallbackKeysController],
  providers: [AccountsService, AccountDeletion, AccountViews, KeyChecker],
})
export class AccountsApiModule {}
