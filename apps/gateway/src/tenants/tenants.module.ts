// Owns tenants, api_keys and audit_log.
// Offers the guards with what stands behind them, the services, and AuditTrail. Global: every API needs a guard.
// May call platform.
import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AdminGuard } from './admin.guard.js';
import { ApiKeyDirectory } from './api-key-directory.js';
import { ApiKey } from './api-key.entity.js';
import { ApiKeyGuard } from './api-key.guard.js';
import { AuditEntry } from './audit-entry.entity.js';
import { AuditTrail } from './audit-trail.js';
import { FirstApiKey } from './first-api-key.js';
import { KeyUseRecorder } from './key-use-recorder.js';
import { Tenant } from './tenant.entity.js';
import { TenantsService } from './tenants.service.js';

const offered = [
  ApiKeyDirectory,
  KeyUseRecorder,
  ApiKeyGuard,
  AdminGuard,
  TenantsService,
  AuditTrail,
];

@Global()
@Module({
  imports: [TypeOrmModule.forFeature([Tenant, ApiKey, AuditEntry])],
  providers: [...offered, FirstApiKey],
  exports: offered,
})
export class TenantsModule {}
