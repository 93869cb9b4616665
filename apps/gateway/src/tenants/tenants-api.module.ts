// Owns no table.
// Offers /v1/api-keys, /v1/audit-log, /admin/tenants and /admin/audit-log.
// May call TenantsModule; expects KnownAccounts from a global module.
import { Module } from '@nestjs/common';
import { ApiKeysService } from './api-keys.service.js';
import { ApiKeysController } from './api-keys.controller.js';
import { AdminAuditLogController, AuditLogController } from './audit-log.controller.js';
import { TenantsController } from './tenants.controller.js';
import { TenantsModule } from './tenants.module.js';

@Module({
  imports: [TenantsModule],
  providers: [ApiKeysService],
  controllers: [TenantsController, ApiKeysController, AuditLogController, AdminAuditLogController],
})
export class TenantsApiModule {}
