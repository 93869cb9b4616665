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
import { InvalidCursor, readPageRequest } from './page.js';
import { readExpiry, readNewApiKey } from './read-new-api-key.js';
import { requireId } from './require-id.js';
import {
  AccountNotAllowed,
  AccountUnknown,
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
  @ApiProblems(
    InvalidRequest,
    TenantSuspended,
    AccountNotAllowed,
    AccountUnknown,
    LifetimeNotAllowed,
  )
  async create(
    @CurrentCaller() caller: Caller,
    @Body() body: CreateApiKeyDto,
    @CurrentActor() actor: Actor,
  ): Promise<CreatedApiKeyDto> {
    const asked = readNewApiKey(body, this.clock.nowMs());
    // What it does not say follows from its maker, who can give no more.
    const wanted = {
      ...asked,
      accountIds: asked.accountIds ?? caller.accountIds,
      expiresAt: asked.expiresAt ?? caller.expiresAt,
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
  @ApiProblems(InvalidRequest, InvalidCursor)
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
      ...(body.expires_at === undefined
        ? {}
        : { expiresAt: readExpiry(body.expires_at, this.clock.nowMs()) }),
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
}
