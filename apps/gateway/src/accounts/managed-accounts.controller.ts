import {
  Body,
  Controller,
  Delete,
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
  ApiNoContentResponse,
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
  ListQueryDto,
  readIdAt,
  readPageRequest,
  requireId,
  type Actor,
} from '../tenants/index.js';
import { AccountDeletion } from './account-deletion.js';
import {
  AccountHasOpenWork,
  AccountNotManaged,
  ConnectionNotShared,
  ConnectionUnknown,
  DefaultSenderNotListed,
} from './accounts.errors.js';
import { DeleteAccountQueryDto } from './dto/account-settings.dto.js';
import {
  AccountOfTenantDto,
  AccountOfTenantListDto,
  CreateManagedAccountDto,
  UpdateManagedAccountDto,
} from './dto/managed-account.dto.js';
import { ManagedAccountsService } from './managed-accounts.service.js';
import { changedManagedSettings, managedSettings } from './read-settings.js';

@Controller('admin/tenants/:tenant_id/accounts')
@UseGuards(AdminGuard)
@ApiTags('Operators: tenants')
@ApiBearerAuth('admin_token')
@ApiProblems(Unauthenticated, NotFound)
export class ManagedAccountsController {
  constructor(
    private readonly accounts: ManagedAccountsService,
    private readonly deletion: AccountDeletion,
  ) {}

  /** The tenant sends over it with the listed senders alone; it can neither change it nor see the key. */
  @Post()
  @ApiOperation({
    operationId: 'createManagedAccount',
    summary: 'Make an account for a tenant on a connection of the operator’s',
  })
  @ApiCreatedResponse({ type: AccountOfTenantDto })
  @ApiProblems(InvalidRequest, ConnectionUnknown, ConnectionNotShared, DefaultSenderNotListed)
  async create(
    @Param('tenant_id') tenant: string,
    @Body() body: CreateManagedAccountDto,
    @CurrentActor() actor: Actor,
  ): Promise<AccountOfTenantDto> {
    const tenantId = requireId('ten', tenant);
    const connectionId = readIdAt('/connection_id', 'con', body.connection_id);
    return AccountOfTenantDto.of(
      await this.accounts.create(tenantId, connectionId, managedSettings(body), actor),
    );
  }

  @Get()
  @ApiOperation({
    operationId: 'listAccountsOfTenant',
    summary: 'List all accounts of a tenant, newest first',
  })
  @ApiOkResponse({ type: AccountOfTenantListDto })
  @ApiProblems(InvalidRequest, InvalidCursor)
  async list(
    @Param('tenant_id') tenant: string,
    @Query() query: ListQueryDto,
  ): Promise<AccountOfTenantListDto> {
    const tenantId = requireId('ten', tenant);
    return AccountOfTenantListDto.of(await this.accounts.list(tenantId, readPageRequest(query)));
  }

  @Get(':id')
  @ApiOperation({ operationId: 'getAccountOfTenant', summary: 'Read an account of a tenant' })
  @ApiOkResponse({ type: AccountOfTenantDto })
  async get(
    @Param('tenant_id') tenant: string,
    @Param('id') id: string,
  ): Promise<AccountOfTenantDto> {
    const view = await this.accounts.get(requireId('ten', tenant), requireId('acc', id));
    return AccountOfTenantDto.of(view);
  }

  @Patch(':id')
  @ApiOperation({ operationId: 'updateManagedAccount', summary: 'Change a managed account' })
  @ApiOkResponse({ type: AccountOfTenantDto })
  @ApiProblems(InvalidRequest, AccountNotManaged, DefaultSenderNotListed)
  async update(
    @Param('tenant_id') tenant: string,
    @Param('id') id: string,
    @Body() body: UpdateManagedAccountDto,
    @CurrentActor() actor: Actor,
  ): Promise<AccountOfTenantDto> {
    const [tenantId, accountId] = [requireId('ten', tenant), requireId('acc', id)];
    const changes = changedManagedSettings(body);
    return AccountOfTenantDto.of(await this.accounts.update(tenantId, accountId, changes, actor));
  }

  /** Its messages stay readable, and those that were sent are followed to their end. */
  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ operationId: 'deleteManagedAccount', summary: 'Delete a managed account' })
  @ApiNoContentResponse()
  @ApiProblems(InvalidRequest, AccountNotManaged, AccountHasOpenWork)
  async delete(
    @Param('tenant_id') tenant: string,
    @Param('id') id: string,
    @Query() query: DeleteAccountQueryDto,
    @CurrentActor() actor: Actor,
  ): Promise<void> {
    const [tenantId, accountId] = [requireId('ten', tenant), requireId('acc', id)];
    const options = { force: query.force === 'true' };
    await this.deletion.deleteManaged(tenantId, accountId, options, actor);
  }
}
