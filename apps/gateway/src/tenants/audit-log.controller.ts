import { Controller, Get, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblems, InvalidRequest, Unauthenticated } from '../platform/errors/index.js';
import { AdminGuard } from './admin.guard.js';
import { ApiKeyGuard, RequireScope } from './api-key.guard.js';
import { AuditTrail } from './audit-trail.js';
import { CurrentCaller, type Caller } from './caller.js';
import { AdminAuditQueryDto, AuditLogDto } from './dto/audit-entry.dto.js';
import { ListQueryDto } from './dto/list-query.dto.js';
import { InvalidCursor, readPageRequest } from './page.js';
import { readIdAt } from './require-id.js';
import { ApiKeyExpired, ApiKeyRevoked, InsufficientScope } from './tenants.errors.js';

@Controller('v1/audit-log')
@UseGuards(ApiKeyGuard)
@ApiTags('Audit log')
@ApiBearerAuth('api_key')
@ApiProblems(Unauthenticated, ApiKeyExpired, ApiKeyRevoked, InsufficientScope)
export class AuditLogController {
  constructor(private readonly audit: AuditTrail) {}

  /**
   * Every write that is not a message, an operator's acts on this tenant included. Nothing is ever taken away. A key
   * that is restricted to accounts sees what was done to those.
   */
  @Get()
  @RequireScope('audit:read')
  @ApiOperation({ operationId: 'listAuditLog', summary: 'Read the audit log, newest first' })
  @ApiOkResponse({ type: AuditLogDto })
  @ApiProblems(InvalidRequest, InvalidCursor)
  async list(@CurrentCaller() caller: Caller, @Query() query: ListQueryDto): Promise<AuditLogDto> {
    return AuditLogDto.of(await this.audit.listForTenant(caller, readPageRequest(query)));
  }
}

@Controller('admin/audit-log')
@UseGuards(AdminGuard)
@ApiTags('Operators: audit log')
@ApiBearerAuth('admin_token')
@ApiProblems(Unauthenticated)
export class AdminAuditLogController {
  constructor(private readonly audit: AuditTrail) {}

  @Get()
  @ApiOperation({
    operationId: 'listAuditLogOfAll',
    summary: 'Read the audit log of all tenants, newest first',
  })
  @ApiOkResponse({ type: AuditLogDto })
  @ApiProblems(InvalidRequest, InvalidCursor)
  async list(@Query() query: AdminAuditQueryDto): Promise<AuditLogDto> {
    const tenantId =
      query.tenant_id === undefined ? null : readIdAt('/tenant_id', 'ten', query.tenant_id);
    return AuditLogDto.of(await this.audit.listForOperator(readPageRequest(query), tenantId));
  }
}
