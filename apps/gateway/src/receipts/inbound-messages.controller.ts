import { Controller, Get, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { readCursor, readInstant, readRecipient, writeCursor } from '../messages/index.js';
import {
  ApiProblems,
  DatabaseUnavailable,
  InvalidRequest,
  Unauthenticated,
} from '../platform/errors/index.js';
import {
  ApiKeyExpired,
  ApiKeyGuard,
  ApiKeyRevoked,
  CurrentCaller,
  InsufficientScope,
  InvalidCursor,
  readIdAt,
  RequireScope,
  type Caller,
} from '../tenants/index.js';
import { InboundMessagePageDto } from './dto/inbound-message.dto.js';
import { ListInboundMessagesQueryDto } from './dto/list-inbound-messages.query.dto.js';
import { InboundMessageReader, type InboundFilters } from './inbound-message-reader.js';
import { showInbound } from './inbound-message.js';

const list = 'inbound_messages';

@Controller('v1/inbound-messages')
@UseGuards(ApiKeyGuard)
@ApiTags('Inbound messages')
@ApiBearerAuth('api_key')
@ApiProblems(Unauthenticated, ApiKeyExpired, ApiKeyRevoked, InsufficientScope, DatabaseUnavailable)
export class InboundMessagesController {
  constructor(private readonly reader: InboundMessageReader) {}

  @Get()
  @RequireScope('inbound:read')
  @ApiOperation({
    operationId: 'listInboundMessages',
    summary: 'List the replies of recipients, newest first',
  })
  @ApiOkResponse({ type: InboundMessagePageDto })
  @ApiProblems(InvalidRequest, InvalidCursor)
  async list(
    @CurrentCaller() caller: Caller,
    @Query() query: ListInboundMessagesQueryDto,
  ): Promise<InboundMessagePageDto> {
    const filters = filtersOf(query);
    const before = query.cursor === undefined ? null : readCursor(list, filters, query.cursor);
    const page = await this.reader.list(caller, filters, { limit: query.limit, before });
    return {
      data: page.messages.map(showInbound),
      next_cursor: page.nextBefore === null ? null : writeCursor(list, filters, page.nextBefore),
    };
  }
}

function filtersOf(query: ListInboundMessagesQueryDto): InboundFilters {
  return {
    phoneNumber: query.phone_number === undefined ? null : readRecipient(query.phone_number),
    accountId:
      query.account_id === undefined ? null : readIdAt('/account_id', 'acc', query.account_id),
    receivedAfterMs: readInstant(query.received_after),
    receivedBeforeMs: readInstant(query.received_before),
  };
}
