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
  ApiBody,
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
  AccountNotAllowed,
  ApiKeyExpired,
  ApiKeyGuard,
  ApiKeyRevoked,
  CurrentActor,
  CurrentCaller,
  InsufficientScope,
  ListQueryDto,
  OptionalBody,
  InvalidCursor,
  readPageRequest,
  requireId,
  RequireScope,
  TenantSuspended,
  type Actor,
  type Caller,
} from '../tenants/index.js';
import { AccountDeletion } from './account-deletion.js';
import {
  AccountHasOpenWork,
  AccountManaged,
  AccountPausedByOperator,
  DefaultSenderNotListed,
} from './accounts.errors.js';
import { AccountsService } from './accounts.service.js';
import {
  CreateAccountDto,
  DeleteAccountQueryDto,
  PauseDto,
  RotateProviderKeyDto,
  UpdateAccountDto,
} from './dto/account-settings.dto.js';
import { AccountDto, AccountListDto } from './dto/account.dto.js';
import { changedSettings, newAccount } from './read-settings.js';

@Controller('v1/accounts')
@UseGuards(ApiKeyGuard)
@ApiTags('Accounts')
@ApiBearerAuth('api_key')
@ApiProblems(Unauthenticated, ApiKeyExpired, ApiKeyRevoked, InsufficientScope)
export class AccountsController {
  constructor(
    private readonly accounts: AccountsService,
    private readonly deletion: AccountDeletion,
  ) {}

  /** The key is tried out with a harmless question right behind the answer: see `key_verdict`. */
  @Post()
  @RequireScope('accounts:write')
  @ApiOperation({ operationId: 'createAccount', summary: 'Make an account from a provider key' })
  @ApiCreatedResponse({ type: AccountDto })
  @ApiProblems(InvalidRequest, TenantSuspended, AccountNotAllowed, DefaultSenderNotListed)
  async create(
    @CurrentCaller() caller: Caller,
    @Body() body: CreateAccountDto,
    @CurrentActor() actor: Actor,
  ): Promise<AccountDto> {
    return AccountDto.of(await this.accounts.create(caller, newAccount(body), actor));
  }

  @Get()
  @RequireScope('accounts:read')
  @ApiOperation({
    operationId: 'listAccounts',
    summary: 'List the accounts that the key may use, newest first',
  })
  @ApiOkResponse({ type: AccountListDto })
  @ApiProblems(InvalidRequest, InvalidCursor)
  async list(
    @CurrentCaller() caller: Caller,
    @Query() query: ListQueryDto,
  ): Promise<AccountListDto> {
    return AccountListDto.of(await this.accounts.list(caller, readPageRequest(query)));
  }

  @Get(':id')
  @RequireScope('accounts:read')
  @ApiOperation({
    operationId: 'getAccount',
    summary: 'Read an account with the state of its queue',
  })
  @ApiOkResponse({ type: AccountDto })
  @ApiProblems(NotFound)
  async get(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<AccountDto> {
    return AccountDto.of(await this.accounts.get(caller, requireId('acc', id)));
  }

  @Patch(':id')
  @RequireScope('accounts:write')
  @ApiOperation({ operationId: 'updateAccount', summary: 'Change an account' })
  @ApiOkResponse({ type: AccountDto })
  @ApiProblems(InvalidRequest, NotFound, TenantSuspended, AccountManaged, DefaultSenderNotListed)
  async update(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() body: UpdateAccountDto,
    @CurrentActor() actor: Actor,
  ): Promise<AccountDto> {
    const view = await this.accounts.update(
      caller,
      requireId('acc', id),
      changedSettings(body),
      actor,
    );
    return AccountDto.of(view);
  }

  /** No message is lost: those that wait go out with the new key. A pause by the provider ends. */
  @Post(':id/rotate-provider-key')
  @HttpCode(200)
  @RequireScope('accounts:write')
  @ApiOperation({ operationId: 'rotateProviderKey', summary: 'Put another provider key in place' })
  @ApiOkResponse({ type: AccountDto })
  @ApiProblems(InvalidRequest, NotFound, TenantSuspended, AccountManaged)
  async rotateProviderKey(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() body: RotateProviderKeyDto,
    @CurrentActor() actor: Actor,
  ): Promise<AccountDto> {
    const accountId = requireId('acc', id);
    return AccountDto.of(
      await this.accounts.rotateProviderKey(caller, accountId, body.provider_key, actor),
    );
  }

  /** Messages are still accepted, and held until the account is resumed or they expire. */
  @Post(':id/pause')
  @HttpCode(200)
  @RequireScope('accounts:write')
  @ApiOperation({ operationId: 'pauseAccount', summary: 'Hold the messages of an account' })
  @ApiBody({ type: PauseDto, required: false })
  @ApiOkResponse({ type: AccountDto })
  @ApiProblems(InvalidRequest, NotFound, TenantSuspended)
  async pause(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @OptionalBody() body: PauseDto,
    @CurrentActor() actor: Actor,
  ): Promise<AccountDto> {
    const accountId = requireId('acc', id);
    return AccountDto.of(await this.accounts.pause(caller, accountId, body.reason ?? null, actor));
  }

  /** Ends one's own pause; the operator's and the provider's stay. */
  @Post(':id/resume')
  @HttpCode(200)
  @RequireScope('accounts:write')
  @ApiOperation({ operationId: 'resumeAccount', summary: 'Send the messages of an account again' })
  @ApiOkResponse({ type: AccountDto })
  @ApiProblems(NotFound, TenantSuspended, AccountPausedByOperator)
  async resume(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @CurrentActor() actor: Actor,
  ): Promise<AccountDto> {
    return AccountDto.of(await this.accounts.resume(caller, requireId('acc', id), actor));
  }

  /** Its messages stay readable, and those that were sent are followed to their end. */
  @Delete(':id')
  @HttpCode(204)
  @RequireScope('accounts:write')
  @ApiOperation({ operationId: 'deleteAccount', summary: 'Delete an account' })
  @ApiNoContentResponse()
  @ApiProblems(InvalidRequest, NotFound, TenantSuspended, AccountManaged, AccountHasOpenWork)
  async delete(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Query() query: DeleteAccountQueryDto,
    @CurrentActor() actor: Actor,
  ): Promise<void> {
    const options = { force: query.force === 'true' };
    await this.deletion.delete(caller, requireId('acc', id), options, actor);
  }
}
