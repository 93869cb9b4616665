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
import {
  ApiProblems,
  InvalidRequest,
  NotFound,
  Unauthenticated,
} from '../platform/errors/index.js';
import {
  AdminGuard,
  CurrentActor,
  InvalidCursor,
  readIdAt,
  readPageRequest,
  requireId,
  type Actor,
} from '../tenants/index.js';
import { ConnectionNotShared } from './accounts.errors.js';
import { ConnectionsService, type ConnectionSettings } from './connections.service.js';
import { RotateProviderKeyDto } from './dto/account-settings.dto.js';
import {
  ConnectionDto,
  ConnectionListDto,
  CreateConnectionDto,
  ListConnectionsQueryDto,
  UpdateConnectionDto,
} from './dto/connection.dto.js';

@Controller('admin/connections')
@UseGuards(AdminGuard)
@ApiTags('Operators: connections')
@ApiBearerAuth('admin_token')
@ApiProblems(Unauthenticated)
export class ConnectionsController {
  constructor(private readonly connections: ConnectionsService) {}

  /**
   * For accounts of several tenants: see `POST /admin/tenants/{tenant_id}/accounts`. The key is tried out with a harmless
   * question right behind the answer: see `key_verdict`.
   */
  @Post()
  @ApiOperation({
    operationId: 'createConnection',
    summary: 'Make a connection that several tenants may share',
  })
  @ApiCreatedResponse({ type: ConnectionDto })
  @ApiProblems(InvalidRequest)
  async create(
    @Body() body: CreateConnectionDto,
    @CurrentActor() actor: Actor,
  ): Promise<ConnectionDto> {
    const wanted = { name: body.name, maxPerSecond: body.max_per_second ?? null };
    return ConnectionDto.of(await this.connections.create(wanted, body.provider_key, actor));
  }

  @Get()
  @ApiOperation({
    operationId: 'listConnections',
    summary: 'List connections of the operator and of tenants, newest first',
  })
  @ApiOkResponse({ type: ConnectionListDto })
  @ApiProblems(InvalidRequest, InvalidCursor)
  async list(@Query() query: ListConnectionsQueryDto): Promise<ConnectionListDto> {
    const { tenant_id: tenant, shared } = query;
    const filter = {
      tenantId: tenant === undefined ? null : readIdAt('/tenant_id', 'ten', tenant),
      isShared: shared ?? null,
    };
    return ConnectionListDto.of(await this.connections.list(readPageRequest(query), filter));
  }

  @Get(':id')
  @ApiOperation({ operationId: 'getConnection', summary: 'Read a connection' })
  @ApiOkResponse({ type: ConnectionDto })
  @ApiProblems(NotFound)
  async get(@Param('id') id: string): Promise<ConnectionDto> {
    return ConnectionDto.of(await this.connections.get(requireId('con', id)));
  }

  @Patch(':id')
  @ApiOperation({
    operationId: 'updateConnection',
    summary: 'Change a connection of the operator’s',
  })
  @ApiOkResponse({ type: ConnectionDto })
  @ApiProblems(InvalidRequest, NotFound, ConnectionNotShared)
  async update(
    @Param('id') id: string,
    @Body() body: UpdateConnectionDto,
    @CurrentActor() actor: Actor,
  ): Promise<ConnectionDto> {
    const changes = changesOf(body);
    return ConnectionDto.of(await this.connections.update(requireId('con', id), changes, actor));
  }

  /** No message of any of its accounts is lost: those that wait go out with the new key. */
  @Post(':id/rotate-provider-key')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'rotateConnectionKey',
    summary: 'Put another provider key in place for a connection of the operator’s',
  })
  @ApiOkResponse({ type: ConnectionDto })
  @ApiProblems(InvalidRequest, NotFound, ConnectionNotShared)
  async rotateProviderKey(
    @Param('id') id: string,
    @Body() body: RotateProviderKeyDto,
    @CurrentActor() actor: Actor,
  ): Promise<ConnectionDto> {
    const connectionId = requireId('con', id);
    return ConnectionDto.of(
      await this.connections.rotateProviderKey(connectionId, body.provider_key, actor),
    );
  }

  /**
   * For a key that the provider refused and now takes again, or asked to wait with. If it still refuses, the pause
   * comes back.
   */
  @Post(':id/resume')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'resumeConnection',
    summary: 'End the provider’s pause of a connection',
  })
  @ApiOkResponse({ type: ConnectionDto })
  @ApiProblems(NotFound)
  async resume(@Param('id') id: string, @CurrentActor() actor: Actor): Promise<ConnectionDto> {
    return ConnectionDto.of(await this.connections.resume(requireId('con', id), actor));
  }
}

/** Only what the body names: null takes a value away, absence leaves it. */
function changesOf(body: UpdateConnectionDto): Partial<ConnectionSettings> {
  return {
    ...(body.name === undefined ? {} : { name: body.name }),
    ...(body.max_per_second === undefined ? {} : { maxPerSecond: body.max_per_second }),
  };
}
