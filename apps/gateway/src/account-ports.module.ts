import { Global, Module } from '@nestjs/common';
import { AccountsModule, AccountWork, OpenWorkCloser, TenantAccounts } from './accounts/index.js';
import { ForcedExpiry, MessagesModule } from './messages/index.js';
import { KnownAccounts } from './tenants/index.js';
import { QueueDepth, QueueModule } from './queue/index.js';

/** What tenants and accounts need to know of the floors above them, bound where all floors are in sight. */
@Global()
@Module({
  imports: [QueueModule, MessagesModule, AccountsModule],
  providers: [
    TenantAccounts,
    { provide: KnownAccounts, useExisting: TenantAccounts },
    { provide: AccountWork, useExisting: QueueDepth },
    { provide: OpenWorkCloser, useExisting: ForcedExpiry },
  ],
  exports: [KnownAccounts, AccountWork, OpenWorkCloser],
})
export class AccountPortsModule {}
