import { Body, Controller, Get, HttpCode, Param, Post, Query, UseGuards } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiBody,
  ApiCreatedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { Clock } from '../platform/clock/index.js';
import {
  ApiProblems,
  InvalidRequest,
  NotFound,
  Unauthenticated,
} from '../platform/errors/index.js';
import type { Actor } from './actor.js';
import { ApiKeyGuard, RequireScope } from './api-key.guard.js';
import { ApiKeysService } from './api-keys.service.js';
import { CurrentActor, CurrentCaller, type Caller } from './caller.js';
import {
  ApiKeyDto,
  ApiKeyListDto,
  CreateApiKeyDto,
  CreatedApiKeyDto,
  RotateApiKeyDto,
} from './dto/api-key.dto.js';
import { ListQueryDto } from './dto/list-query.dto.js';
import { OptionalBody } from './optional-body.js';
import { readPageRequest } from './page.js';
import { readIdAt, requireId } from './require-id.js';
import {
  AccountNotAllowed,
  ApiKeyExpired,
  ApiKeyNotActive,
  ApiKeyRevoked,
  InsufficientScope,
  LifetimeNotAllowed,
  TenantSuspended,
} from './tenants.errors.js';

const defaultOverlapSeconds = 86_400;

@Controller('v1/api-keys')
@UseGuards(ApiKeyGuard)
@ApiTags('API keys')
@ApiBearerAuth('api_key')
@ApiProblems(Unauthenticated, ApiKeyExpired, ApiKeyRevoked, InsufficientScope)
export class ApiKeysController {
  constructor(
    private readonly apiKeys: ApiKeysService,
    private readonly clock: Clock,
  ) {}

  /** The key itself is shown only in this answer. */
  @Post()
  @RequireScope('keys:write')
  @ApiOperation({ operationId: 'createApiKey', summary: 'Make an API key' })
  @ApiCreatedResponse({ type: CreatedApiKeyDto })
  @ApiProblems(InvalidRequest, TenantSuspended, AccountNotAllowed, LifetimeNotAllowed)
  async create(
    @CurrentCaller() caller: Caller,
    @Body() body: CreateApiKeyDto,
    @CurrentActor() actor: Actor,
  ): Promise<CreatedApiKeyDto> {
    const wanted = {
      name: body.name,
      scopes: body.scopes,
      accountIds: readAccountIds(body.account_ids) ?? caller.accountIds,
      expiresAt: this.readExpiry(body.expires_at) ?? caller.expiresAt,
    };
    return CreatedApiKeyDto.shown(await this.apiKeys.create(caller, wanted, actor));
  }

  @Get()
  @RequireScope('keys:read')
  @ApiOperation({
    operationId: 'listApiKeys',
    summary: 'List the API keys, newest first, ended ones too',
  })
  @ApiOkResponse({ type: ApiKeyListDto })
  @ApiProblems(InvalidRequest)
  async list(
    @CurrentCaller() caller: Caller,
    @Query() query: ListQueryDto,
  ): Promise<ApiKeyListDto> {
    return ApiKeyListDto.of(await this.apiKeys.list(caller.tenantId, readPageRequest(query)));
  }

  @Get(':id')
  @RequireScope('keys:read')
  @ApiOperation({ operationId: 'getApiKey', summary: 'Read an API key' })
  @ApiOkResponse({ type: ApiKeyDto })
  @ApiProblems(NotFound)
  async get(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<ApiKeyDto> {
    return ApiKeyDto.of(await this.apiKeys.get(caller.tenantId, requireId('key', id)));
  }

  /** Makes a key with the same rights. The old one ends after the overlap; the new one is shown only in this answer. */
  @Post(':id/rotate')
  @RequireScope('keys:write')
  @ApiOperation({ operationId: 'rotateApiKey', summary: 'Replace an API key' })
  @ApiBody({ type: RotateApiKeyDto, required: false })
  @ApiCreatedResponse({ type: CreatedApiKeyDto })
  @ApiProblems(
    InvalidRequest,
    NotFound,
    ApiKeyNotActive,
    TenantSuspended,
    AccountNotAllowed,
    LifetimeNotAllowed,
  )
  async rotate(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @OptionalBody() body: RotateApiKeyDto,
    @CurrentActor() actor: Actor,
  ): Promise<CreatedApiKeyDto> {
    const rotation = {
      overlapSeconds: body.overlap_seconds ?? defaultOverlapSeconds,
      ...(body.expires_at === undefined ? {} : { expiresAt: this.readExpiry(body.expires_at) }),
    };
    return CreatedApiKeyDto.shown(
      await this.apiKeys.rotate(caller, requireId('key', id), rotation, actor),
    );
  }

  /** It stops working at once, on every replica within seconds. */
  @Post(':id/revoke')
  @HttpCode(200)
  @RequireScope('keys:write')
  @ApiOperation({ operationId: 'revokeApiKey', summary: 'Revoke an API key' })
  @ApiOkResponse({ type: ApiKeyDto })
  @ApiProblems(NotFound, TenantSuspended, AccountNotAllowed)
  async revoke(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @CurrentActor() actor: Actor,
  ): Promise<ApiKeyDto> {
    return ApiKeyDto.of(await this.apiKeys.revoke(caller, requireId('key', id), actor));
  }

  private readExpiry(text: string | null | undefined): Date | null {
    if (text == null) return null;
    const at = new Date(text);
    if (/(Z|[+-]\d{2}:?\d{2})$/i.test(text) && at.getTime() > this.clock.nowMs()) return at;
    const detail = 'expires_at must be a time ahead, with an offset.';
    throw new InvalidRequest([{ pointer: '/expires_at', code: 'not_ahead', detail }]);
  }
}

function readAccountIds(ids: readonly string[] | null | undefined): string[] | null {
  return ids?.map((id, index) => readIdAt(`/account_ids/${index}`, 'acc', id)) ?? null;
}
