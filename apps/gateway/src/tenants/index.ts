export type { Actor, ActorKind } from './actor.js';
export { AdminGuard } from './admin.guard.js';
export { ApiKey } from './api-key.entity.js';
export { ApiKeyGuard, RequireScope } from './api-key.guard.js';
export { AuditEntry } from './audit-entry.entity.js';
export { AuditTrail, changesBetween, noTenant, type AuditedAct } from './audit-trail.js';
export {
  CurrentActor,
  CurrentCaller,
  mayUseAccount,
  type Caller,
  type SignedInRequest,
} from './caller.js';
export { KnownAccounts } from './known-accounts.js';
export { ListQueryDto } from './dto/list-query.dto.js';
export { LookUpCache, type LookUpCacheOptions } from './look-up-cache.js';
export { OptionalBody } from './optional-body.js';
export { InvalidCursor, pageOf, readPageRequest, type Page, type PageRequest } from './page.js';
export { readIdAt, requireId } from './require-id.js';
export { Tenant, deliveryModes, type DeliveryMode, type TenantStatus } from './tenant.entity.js';
export { TenantsApiModule } from './tenants-api.module.js';
export {
  AccountNotAllowed,
  AccountUnknown,
  ApiKeyExpired,
  ApiKeyRevoked,
  InsufficientScope,
  TenantSuspended,
} from './tenants.errors.js';
export { TenantsModule } from './tenants.module.js';
