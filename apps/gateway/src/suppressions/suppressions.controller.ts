import { Readable } from 'node:stream';
import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Param,
  Post,
  Query,
  StreamableFile,
  UseGuards,
} from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiBody,
  ApiConsumes,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiTags,
} from '@nestjs/swagger';
import {
  ApiProblems,
  DatabaseUnavailable,
  InvalidRequest,
  NotFound,
  RequestTooLarge,
  Unauthenticated,
} from '../platform/errors/index.js';
import { BodyLimit, RawBody } from '../platform/http/index.js';
import { readRecipient } from '../recipients/index.js';
import {
  AccountNotAllowed,
  ApiKeyExpired,
  ApiKeyGuard,
  ApiKeyRevoked,
  CurrentActor,
  CurrentCaller,
  InsufficientScope,
  InvalidCursor,
  readPageRequest,
  requireId,
  RequireScope,
  TenantSuspended,
  type Actor,
  type Caller,
} from '../tenants/index.js';
import { SuppressionImportDto } from './dto/suppression-import.dto.js';
import {
  CreateSuppressionDto,
  ListSuppressionsQueryDto,
  SuppressionDto,
  SuppressionListDto,
} from './dto/suppression.dto.js';
import type { Suppression } from './suppression.js';
import { fileHeader, fileRow, readSuppressionFile } from './suppression-file.js';
import { SuppressionsService } from './suppressions.service.js';
import { assertWholeTenant } from './whole-tenant.js';

const mostErrors = 100;

@Controller('v1/suppressions')
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
export class SuppressionsController {
  constructor(private readonly suppressions: SuppressionsService) {}

  /**
   * From now on messages to the recipient are refused with `recipient_suppressed`; what was accepted before still goes. A
   * recipient stands in the list once: entered again, the entry that stands is given, widened to `all` where that is asked
   * for. To narrow one, remove it and enter it anew.
   */
  @Post()
  @HttpCode(200)
  @RequireScope('suppressions:write')
  @ApiOperation({ operationId: 'createSuppression', summary: 'Enter a recipient' })
  @ApiOkResponse({ type: SuppressionDto })
  @ApiProblems(InvalidRequest, TenantSuspended)
  async create(
    @CurrentCaller() caller: Caller,
    @CurrentActor() actor: Actor,
    @Body() body: CreateSuppressionDto,
  ): Promise<SuppressionDto> {
    assertWholeTenant(caller);
    const entry = {
      // The shape was checked before, so there are digits.
      recipient: readRecipient(body.recipient)!,
      category: body.category ?? 'all',
      reason: body.reason ?? null,
    };
    return SuppressionDto.of(await this.suppressions.add(caller.tenantId, entry, actor));
  }

  @Get()
  @RequireScope('suppressions:read')
  @ApiOperation({ operationId: 'listSuppressions', summary: 'List the suppressions, newest first' })
  @ApiOkResponse({ type: SuppressionListDto })
  @ApiProblems(InvalidRequest, InvalidCursor)
  async list(
    @CurrentCaller() caller: Caller,
    @Query() query: ListSuppressionsQueryDto,
  ): Promise<SuppressionListDto> {
    assertWholeTenant(caller);
    const filters = {
      recipient: query.recipient === undefined ? null : readRecipient(query.recipient),
      category: query.category ?? null,
      source: query.source ?? null,
    };
    const page = await this.suppressions.list(caller.tenantId, filters, readPageRequest(query));
    return SuppressionListDto.of(page);
  }

  /**
   * A file in UTF-8, with commas or semicolons, of at most 10,000 rows: with a header, in which `recipient` must stand and
   * `category` and `reason` may, or a bare list of numbers. What an export gives can be taken in as it is. Rows that are
   * not right are told with their line; the others are entered.
   */
  @Post('import')
  @HttpCode(200)
  @RawBody()
  @BodyLimit('batchBodyBytes')
  @RequireScope('suppressions:write')
  @ApiOperation({ operationId: 'importSuppressions', summary: 'Enter recipients from a CSV file' })
  @ApiConsumes('text/csv')
  @ApiBody({ schema: { type: 'string', example: 'recipient,category\r\n+380671234567,all\r\n' } })
  @ApiOkResponse({ type: SuppressionImportDto })
  @ApiProblems(InvalidRequest, TenantSuspended, RequestTooLarge)
  async import(
    @CurrentCaller() caller: Caller,
    @CurrentActor() actor: Actor,
    @Body() body: Buffer | undefined,
  ): Promise<SuppressionImportDto> {
    assertWholeTenant(caller);
    const file = readSuppressionFile(body instanceof Buffer ? body : Buffer.alloc(0));
    return {
      rows: file.rows,
      entered: await this.suppressions.import(caller.tenantId, file.entries, actor),
      refused: file.refused.length,
      errors: file.refused.slice(0, mostErrors),
    };
  }

  /** All of them, newest first, as they are read: recipient, category, reason, source, created_at. */
  @Get('export')
  @RequireScope('suppressions:read')
  @ApiOperation({ operationId: 'exportSuppressions', summary: 'Give all suppressions as CSV' })
  @ApiProduces('text/csv')
  @ApiOkResponse({ schema: { type: 'string' } })
  async export(@CurrentCaller() caller: Caller): Promise<StreamableFile> {
    assertWholeTenant(caller);
    const pages = this.suppressions.pages(caller.tenantId);
    // Read before the answer begins: a database that is away is told by its status.
    const first = await pages.next();
    return new StreamableFile(Readable.from(linesOf(first, pages)), {
      type: 'text/csv; charset=utf-8',
      disposition: 'attachment; filename="suppressions.csv"',
    });
  }

  @Get(':id')
  @RequireScope('suppressions:read')
  @ApiOperation({ operationId: 'getSuppression', summary: 'Read a suppression' })
  @ApiOkResponse({ type: SuppressionDto })
  @ApiProblems(NotFound)
  async get(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<SuppressionDto> {
    assertWholeTenant(caller);
    return SuppressionDto.of(await this.suppressions.get(caller.tenantId, requireId('sup', id)));
  }

  /** Messages to the recipient are accepted again. */
  @Delete(':id')
  @HttpCode(204)
  @RequireScope('suppressions:write')
  @ApiOperation({ operationId: 'deleteSuppression', summary: 'Take a recipient off the list' })
  @ApiNoContentResponse()
  @ApiProblems(NotFound, TenantSuspended)
  async remove(
    @CurrentCaller() caller: Caller,
    @CurrentActor() actor: Actor,
    @Param('id') id: string,
  ): Promise<void> {
    assertWholeTenant(caller);
    await this.suppressions.remove(caller.tenantId, requireId('sup', id), actor);
  }
}

async function* linesOf(
  first: IteratorResult<readonly Suppression[]>,
  others: AsyncIterable<readonly Suppression[]>,
): AsyncGenerator<string> {
  yield fileHeader;
  if (first.done === true) return;
  yield first.value.map(fileRow).join('');
  for await (const page of others) yield page.map(fileRow).join('');
}
