import {
  Body,
  Controller,
  Get,
  HttpCode,
  Param,
  Patch,
  Post,
  Query,
  UseGuards,
} from '@nestjs/common';
import {
  ApiBearerAuth,
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
import { AdminGuard } from './admin.guard.js';
import { ApiKeysService } from './api-keys.service.js';
import { CurrentActor } from './caller.js';
import { CreateApiKeyDto, CreatedApiKeyDto } from './dto/api-key.dto.js';
import {
  CreatedTenantDto,
  CreateTenantDto,
  ListTenantsQueryDto,
  TenantDto,
  TenantListDto,
  UpdateTenantDto,
} from './dto/tenant.dto.js';
import { InvalidCursor, readPageRequest } from './page.js';
import { readNewApiKey } from './read-new-api-key.js';
import { requireId } from './require-id.js';
import { AccountUnknown, ExternalIdTaken } from './tenants.errors.js';
import { TenantsService, type TenantChanges } from './tenants.service.js';

@Controller('admin/tenants')
@UseGuards(AdminGuard)
@ApiTags('Operators: tenants')
@ApiBearerAuth('admin_token')
@ApiProblems(Unauthenticated)
export class TenantsController {
  constructor(
    private readonly tenants: TenantsService,
    private readonly apiKeys: ApiKeysService,
    private readonly clock: Clock,
  ) {}

  /** The answer holds the tenant's first API key, which is shown only here. */
  @Post()
  @ApiOperation({ operationId: 'createTenant', summary: 'Make a tenant with its first API key' })
  @ApiCreatedResponse({ type: CreatedTenantDto })
  @ApiProblems(InvalidRequest, ExternalIdTaken)
  async create(
    @Body() body: CreateTenantDto,
    @CurrentActor() actor: Actor,
  ): Promise<CreatedTenantDto> {
    const { tenant, secret } = await this.tenants.create(
      {
        name: body.name,
        externalId: body.external_id ?? null,
        defaultDeliveryMode: body.default_delivery_mode ?? 'at_most_once',
      },
      actor,
    );
    return { ...TenantDto.of(tenant), api_key: secret };
  }

  @Get()
  @ApiOperation({ operationId: 'listTenants', summary: 'List the tenants, newest first' })
  @ApiOkResponse({ type: TenantListDto })
  @ApiProblems(InvalidRequest, InvalidCursor)
  async list(@Query() query: ListTenantsQueryDto): Promise<TenantListDto> {
    const filter = { externalId: query.external_id ?? null, status: query.status ?? null };
    return TenantListDto.of(await this.tenants.list(readPageRequest(query), filter));
  }

  @Get(':id')
  @ApiOperation({ operationId: 'getTenant', summary: 'Read a tenant' })
  @ApiOkResponse({ type: TenantDto })
  @ApiProblems(NotFound)
  async get(@Param('id') id: string): Promise<TenantDto> {
    return TenantDto.of(await this.tenants.get(requireId('ten', id)));
  }

  @Patch(':id')
  @ApiOperation({ operationId: 'updateTenant', summary: 'Change a tenant' })
  @ApiOkResponse({ type: TenantDto })
  @ApiProblems(InvalidRequest, NotFound, ExternalIdTaken)
  async update(
    @Param('id') id: string,
    @Body() body: UpdateTenantDto,
    @CurrentActor() actor: Actor,
  ): Promise<TenantDto> {
    return TenantDto.of(await this.tenants.update(requireId('ten', id), changesOf(body), actor));
  }

  /**
   * The tenant can read, but neither send nor change anything; felt on every replica within seconds. Its queued messages
   * are held at once: what is on the wire comes to its end, nothing else goes out until it is resumed. They may expire.
   */
  @Post(':id/suspend')
  @HttpCode(200)
  @ApiOperation({ operationId: 'suspendTenant', summary: 'Suspend a tenant' })
  @ApiOkResponse({ type: TenantDto })
  @ApiProblems(NotFound)
  async suspend(@Param('id') id: string, @CurrentActor() actor: Actor): Promise<TenantDto> {
    return TenantDto.of(await this.tenants.suspend(requireId('ten', id), actor));
  }

  @Post(':id/resume')
  @HttpCode(200)
  @ApiOperation({ operationId: 'resumeTenant', summary: 'End the suspension of a tenant' })
  @ApiOkResponse({ type: TenantDto })
  @ApiProblems(NotFound)
  async resume(@Param('id') id: string, @CurrentActor() actor: Actor): Promise<TenantDto> {
    return TenantDto.of(await this.tenants.resume(requireId('ten', id), actor));
  }

  /** For a tenant that has none left, above all. The key itself is shown only in this answer. */
  @Post(':id/api-keys')
  @ApiOperation({ operationId: 'createApiKeyForTenant', summary: 'Make an API key for a tenant' })
  @ApiCreatedResponse({ type: CreatedApiKeyDto })
  @ApiProblems(InvalidRequest, NotFound, AccountUnknown)
  async createApiKey(
    @Param('id') id: string,
    @Body() body: CreateApiKeyDto,
    @CurrentActor() actor: Actor,
  ): Promise<CreatedApiKeyDto> {
    const wanted = readNewApiKey(body, this.clock.nowMs());
    const tenantId = requireId('ten', id);
    return CreatedApiKeyDto.shown(await this.apiKeys.createForTenant(tenantId, wanted, actor));
  }
}

function changesOf(body: UpdateTenantDto): TenantChanges {
  return {
    ...(body.name === undefined ? {} : { name: body.name }),
    ...(body.external_id === undefined ? {} : { externalId: body.external_id }),
    ...(body.default_delivery_mode === undefined
      ? {}
      : { defaultDeliveryMode: body.default_delivery_mode }),
  };
}
