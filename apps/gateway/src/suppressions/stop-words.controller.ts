import { Body, Controller, Get, Put, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  ApiProblems,
  DatabaseUnavailable,
  InvalidRequest,
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
  RequireScope,
  TenantSuspended,
  type Actor,
  type Caller,
} from '../tenants/index.js';
import { SetStopWordsDto, StopWordsDto } from './dto/stop-words.dto.js';
import { foldedWord } from './stop-word.js';
import { StopWordsService } from './stop-words.service.js';
import { assertWholeTenant } from './whole-tenant.js';

@Controller('v1/stop-words')
@UseGuards(ApiKeyGuard)
@ApiTags('Suppressions')
@ApiBearerAuth('api_key')
@ApiProblems(
  Unauthenticated,
  ApiKeyExpired,
  ApiKeyRevoked,
  InsufficientScope,
  AccountNotAllowed,
  DatabaseUnavailable,
)
export class StopWordsController {
  constructor(private readonly stopWords: StopWordsService) {}

  @Get()
  @RequireScope('suppressions:read')
  @ApiOperation({ operationId: 'getStopWords', summary: 'Read the stop words' })
  @ApiOkResponse({ type: StopWordsDto })
  async get(@CurrentCaller() caller: Caller): Promise<StopWordsDto> {
    assertWholeTenant(caller);
    return StopWordsDto.of(await this.stopWords.get(caller.tenantId));
  }

  @Put()
  @RequireScope('suppressions:write')
  @ApiOperation({ operationId: 'setStopWords', summary: 'Set the stop words' })
  @ApiOkResponse({ type: StopWordsDto })
  @ApiProblems(InvalidRequest, TenantSuspended)
  async set(
    @CurrentCaller() caller: Caller,
    @CurrentActor() actor: Actor,
    @Body() body: SetStopWordsDto,
  ): Promise<StopWordsDto> {
    assertWholeTenant(caller);
    return StopWordsDto.of(await this.stopWords.set(caller.tenantId, wantedOf(body), actor));
  }
}

/** @throws InvalidRequest */
function wantedOf({ words, category }: SetStopWordsDto) {
  if (words == null) {
    if (category == null) return null;
    const detail = 'category can be given with words of your own only.';
    throw new InvalidRequest([{ pointer: '/category', code: 'not_allowed', detail }]);
  }
  const empty = words.findIndex((word) => foldedWord(word) === '');
  if (empty !== -1) {
    const detail = 'A stop word needs a letter or a digit.';
    throw new InvalidRequest([{ pointer: `/words/${empty}`, code: 'invalid_value', detail }]);
  }
  return { words, category: category ?? ('all' as const) };
}
