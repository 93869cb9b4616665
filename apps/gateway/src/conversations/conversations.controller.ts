import {
  Body,
  Controller,
  Get,
  Headers,
  HttpCode,
  Param,
  Post,
  Query,
  Req,
  Res,
  UseGuards,
} from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBearerAuth,
  ApiBody,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  idempotencyKeyHeader,
  MessageDto,
  progressAtAcceptance,
  readCursor,
  readIdempotencyKey,
  replayedHeader,
  replayedHeaders,
  sendProblems,
  showMessage,
  writeCursor,
} from '../messages/index.js';
import {
  ApiProblems,
  DatabaseUnavailable,
  InvalidRequest,
  NotFound,
  Unauthenticated,
} from '../platform/errors/index.js';
import { readRecipient } from '../recipients/index.js';
import {
  ApiKeyExpired,
  ApiKeyGuard,
  ApiKeyRevoked,
  CurrentCaller,
  InsufficientScope,
  InvalidCursor,
  ListQueryDto,
  readIdAt,
  requireId,
  RequireScope,
  type Caller,
} from '../tenants/index.js';
import { ConversationReader, type ConversationFilters } from './conversation-reader.js';
import { ConversationReplies } from './conversation-replies.js';
import { ConversationReplyDto } from './dto/conversation-reply.dto.js';
import {
  ConversationDto,
  ConversationEntryDto,
  ConversationEntryListDto,
  ConversationListDto,
  ListConversationsQueryDto,
} from './dto/conversation.dto.js';

const listOfAll = 'conversations';
const listOfEntries = 'conversation_messages';
const conversationId = {
  name: 'id',
  description: 'The conversation.',
  example: 'cnv_01jf8z5v3we2r9n6k4q7t0xyzb',
};

@Controller('v1/conversations')
@UseGuards(ApiKeyGuard)
@ApiTags('Conversations')
@ApiBearerAuth('api_key')
@ApiProblems(Unauthenticated, ApiKeyExpired, ApiKeyRevoked, InsufficientScope, DatabaseUnavailable)
export class ConversationsController {
  constructor(
    private readonly conversations: ConversationReader,
    private readonly replies: ConversationReplies,
  ) {}

  /** A conversation begins with the first reply of which it is known what it answers. */
  @Get()
  @RequireScope('conversations:read')
  @ApiOperation({
    operationId: 'listConversations',
    summary: 'List the conversations, the one with the newest reply first',
  })
  @ApiOkResponse({ type: ConversationListDto })
  @ApiProblems(InvalidRequest, InvalidCursor)
  async list(
    @CurrentCaller() caller: Caller,
    @Query() query: ListConversationsQueryDto,
  ): Promise<ConversationListDto> {
    const filters = filtersOf(query);
    const before = query.cursor === undefined ? null : readCursor(listOfAll, filters, query.cursor);
    const page = await this.conversations.list(caller, filters, { limit: query.limit, before });
    return {
      data: page.conversations.map((conversation) => ConversationDto.of(conversation)),
      next_cursor:
        page.nextBefore === null ? null : writeCursor(listOfAll, filters, page.nextBefore),
    };
  }

  @Get(':id')
  @RequireScope('conversations:read')
  @ApiOperation({ operationId: 'getConversation', summary: 'Read a conversation' })
  @ApiParam(conversationId)
  @ApiOkResponse({ type: ConversationDto })
  @ApiProblems(NotFound)
  async get(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<ConversationDto> {
    return ConversationDto.of(await this.conversations.get(caller, requireId('cnv', id)));
  }

  /** All messages of the sender to the recipient, one-way ones too, and the recipient’s replies to them. */
  @Get(':id/messages')
  @RequireScope('conversations:read')
  @ApiOperation({
    operationId: 'listConversationMessages',
    summary: 'List what was written in both directions, newest first',
  })
  @ApiParam(conversationId)
  @ApiOkResponse({ type: ConversationEntryListDto })
  @ApiProblems(InvalidRequest, InvalidCursor, NotFound)
  async messages(
    @CurrentCaller() caller: Caller,
    @Param('id') shownId: string,
    @Query() query: ListQueryDto,
  ): Promise<ConversationEntryListDto> {
    const id = requireId('cnv', shownId);
    const of = { id };
    const before = query.cursor === undefined ? null : readCursor(listOfEntries, of, query.cursor);
    const page = await this.conversations.entries(caller, id, { limit: query.limit, before });
    return {
      data: page.entries.map((entry) => ConversationEntryDto.of(entry)),
      next_cursor:
        page.nextBefore === null ? null : writeCursor(listOfEntries, of, page.nextBefore),
    };
  }

  /**
   * A two-way message to the conversation’s recipient, from its sender, over the account of the newest reply; accepted and
   * answered as by `POST /v1/messages`.
   */
  @Post(':id/replies')
  @HttpCode(202)
  @RequireScope('messages:send')
  @ApiOperation({ operationId: 'replyInConversation', summary: 'Answer in a conversation' })
  @ApiParam(conversationId)
  @ApiHeader(idempotencyKeyHeader)
  @ApiBody({ type: ConversationReplyDto })
  @ApiAcceptedResponse({ type: MessageDto, headers: replayedHeaders })
  @ApiProblems(NotFound, ...sendProblems)
  async reply(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() body: unknown,
    @Headers('idempotency-key') key: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MessageDto> {
    const { accepted, isReplay } = await this.replies.send({
      caller,
      conversationId: requireId('cnv', id),
      body,
      idempotencyKey: readIdempotencyKey(key),
      requestId: request.id,
      deadline: request.deadline,
    });
    if (isReplay) reply.header(replayedHeader, 'true');
    return showMessage(accepted, progressAtAcceptance(accepted));
  }
}

function filtersOf(query: ListConversationsQueryDto): ConversationFilters {
  return {
    recipient: query.recipient === undefined ? null : readRecipient(query.recipient),
    sender: query.sender ?? null,
    accountId:
      query.account_id === undefined ? null : readIdAt('/account_id', 'acc', query.account_id),
  };
}
