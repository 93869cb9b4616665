import { Module } from '@nestjs/common';
import { AccountPortsModule } from './account-ports.module.js';
import { AccountsApiModule } from './accounts/index.js';
import { AdminApiModule } from './admin/index.js';
import { EventsApiModule } from './events/index.js';
import { DropinApiModule } from './dropin/index.js';
import { ConversationsApiModule } from './conversations/index.js';
import { InstallationApiModule } from './installation/index.js';
import { DriftApiModule } from './drift/index.js';
import { MessagesApiModule } from './messages/index.js';
import { ReceiptsApiModule } from './receipts/index.js';
import { ReconciliationApiModule } from './reconciliation/index.js';
import { SuppressionsApiModule } from './suppressions/index.js';
import { TenantsApiModule } from './tenants/index.js';
import { WebhooksApiModule } from './webhooks/index.js';

/** The role `api`: tenants' and operators' REST API, and the provider's callbacks. */
@Module({
  imports: [
    AccountPortsModule,
    TenantsApiModule,
    AccountsApiModule,
    MessagesApiModule,
    ReceiptsApiModule,
    EventsApiModule,
    ConversationsApiModule,
    SuppressionsApiModule,
    DropinApiModule,
    ReconciliationApiModule,
    AdminApiModule,
    InstallationApiModule,
    DriftApiModule,
    WebhooksApiModule,
  ],
})
export class ApiModule {}
