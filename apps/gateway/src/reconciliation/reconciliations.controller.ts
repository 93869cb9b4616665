import { Controller, Get, Param, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  ApiProblems,
  DatabaseUnavailable,
  InvalidRequest,
  NotFound,
  Unauthenticated,
} from '../platform/errors/index.js';
import {
  AccountNotAllowed,
  AdminGuard,
  ApiKeyExpired,
  ApiKeyGuard,
  ApiKeyRevoked,
  CurrentCaller,
  InsufficientScope,
  InvalidCursor,
  readIdAt,
  requireId,
  RequireScope,
  type Caller,
} from '../tenants/index.js';
import {
  AdminReconciliationsQueryDto,
  ListReconciliationsQueryDto,
} from './dto/list-reconciliations.query.dto.js';
import { ReconciliationDto, ReconciliationListDto } from './dto/reconciliation.dto.js';
import { ProofReader } from './proof-reader.js';

@Controller('v1/reconciliations')
@UseGuards(ApiKeyGuard)
@ApiTags('Reconciliations')
@ApiBearerAuth('api_key')
@ApiProblems(
  Unauthenticated,
  ApiKeyExpired,
  ApiKeyRevoked,
  InsufficientScope,
  InvalidCursor,
  AccountNotAllowed,
  DatabaseUnavailable,
)
export class ReconciliationsController {
  constructor(private readonly proofs: ProofReader) {}

  /** Each day is proved hourly while it is young, and again until every message has its end and no correction can come. */
  @Get()
  @RequireScope('reconciliations:read')
  @ApiOperation({
    operationId: 'listReconciliations',
    summary: 'List the daily proofs, newest day first',
  })
  @ApiOkResponse({ type: ReconciliationListDto })
  @ApiProblems(InvalidRequest, InvalidCursor)
  async list(
    @CurrentCaller() caller: Caller,
    @Query() query: ListReconciliationsQueryDto,
  ): Promise<ReconciliationListDto> {
    assertSeesAllAccounts(caller);
    return ReconciliationListDto.of(await this.proofs.listForTenant(caller.tenantId, query));
  }

  @Get(':day')
  @RequireScope('reconciliations:read')
  @ApiOperation({
    operationId: 'getReconciliation',
    summary: 'Read the proof of a day with all its misses',
  })
  @ApiOkResponse({ type: ReconciliationDto })
  @ApiProblems(NotFound)
  async get(
    @CurrentCaller() caller: Caller,
    @Param('day') day: string,
  ): Promise<ReconciliationDto> {
    assertSeesAllAccounts(caller);
    return ReconciliationDto.of(await this.proofs.getForTenant(caller.tenantId, day));
  }
}

@Controller('admin/reconciliations')
@UseGuards(AdminGuard)
@ApiTags('Operators: reconciliations')
@ApiBearerAuth('admin_token')
@ApiProblems(Unauthenticated)
export class AdminReconciliationsController {
  constructor(private readonly proofs: ProofReader) {}

  @Get()
  @ApiOperation({
    operationId: 'listReconciliationsOfAll',
    summary: 'List the daily proofs of all tenants, failures first',
  })
  @ApiOkResponse({ type: ReconciliationListDto })
  @ApiProblems(InvalidRequest, InvalidCursor)
  async list(@Query() query: AdminReconciliationsQueryDto): Promise<ReconciliationListDto> {
    const tenantId =
      query.tenant_id === undefined ? null : readIdAt('/tenant_id', 'ten', query.tenant_id);
    return ReconciliationListDto.of(await this.proofs.listForOperator(query, tenantId));
  }

  @Get(':tenant_id/:day')
  @ApiOperation({
    operationId: 'getReconciliationOfTenant',
    summary: 'Read the proof of a tenant’s day with all its misses',
  })
  @ApiOkResponse({ type: ReconciliationDto })
  @ApiProblems(NotFound)
  async get(
    @Param('tenant_id') tenantId: string,
    @Param('day') day: string,
  ): Promise<ReconciliationDto> {
    return ReconciliationDto.of(await this.proofs.getForOperator(requireId('ten', tenantId), day));
  }
}

/** A proof is over all accounts, and names messages of any. */
function assertSeesAllAccounts({ accountIds }: Caller): void {
  if (accountIds !== null) {
    throw new AccountNotAllowed(
      'A key that is restricted to accounts cannot read the daily proof.',
    );
  }
}
