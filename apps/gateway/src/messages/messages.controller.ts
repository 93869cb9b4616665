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
  ApiProblems,
  DatabaseUnavailable,
  InvalidRequest,
  NotFound,
  OutcomeUnknown,
  Overloaded,
  RequestTooLarge,
  Unauthenticated,
} from '../platform/errors/index.js';
import { BodyLimit, DeadlineAtHand } from '../platform/http/index.js';
import {
  ApiKeyExpired,
  ApiKeyGuard,
  ApiKeyRevoked,
  CurrentCaller,
  InsufficientScope,
  InvalidCursor,
  requireId,
  RequireScope,
  TenantSuspended,
  type Caller,
} from '../tenants/index.js';
import {
  AccountGone,
  IdempotencyInProgress,
  IdempotencyKeyReused,
  TooManyRequests,
} from './acceptance.errors.js';
import { BatchIntake } from './batch-intake.js';
import { showBatch } from './batch-result.js';
import { AlreadySending, MessageNotCancellable } from './cancel.errors.js';
import { BatchOutcomeDto } from './dto/batch-outcome.dto.js';
import { CreateBatchDto } from './dto/create-batch.dto.js';
import { CreateMessageDto } from './dto/create-message.dto.js';
import { ListMessagesQueryDto } from './dto/list-messages.query.dto.js';
import { MessageDto, MessagePageDto } from './dto/message.dto.js';
import { TimelineDto } from './dto/timeline.dto.js';
import { readIdempotencyKey } from './idempotency-key.js';
import { MessageCanceller } from './message-canceller.js';
import { MessageIntake } from './message-intake.js';
import { filtersOf, nextCursorOf, pageStartOf } from './message-query.js';
import { MessageReader } from './message-reader.js';
import { progressAtAcceptance } from './message.js';
import { InvalidIdempotencyKey } from './messages.errors.js';
import {
  idempotencyKeyHeader,
  replayedHeader,
  replayedHeaders,
  sendProblems,
} from './send-contract.js';
import { showMessage } from './show-message.js';
import { timelineOf } from './timeline.js';

const messageId = {
  name: 'id',
  description: 'The message.',
  example: 'msg_01jf8z5v3we2r9n6k4q7t0xyzb',
};

@Controller('v1/messages')
@UseGuards(ApiKeyGuard)
@ApiTags('Messages')
@ApiBearerAuth('api_key')
@ApiProblems(Unauthenticated, ApiKeyExpired, ApiKeyRevoked, InsufficientScope, DatabaseUnavailable)
export class MessagesController {
  constructor(
    private readonly intake: MessageIntake,
    private readonly batches: BatchIntake,
    private readonly reader: MessageReader,
    private readonly canceller: MessageCanceller,
  ) {}

  /** Answered after the message is stored: from then on it is sent, whatever happens here. */
  @Post()
  @DeadlineAtHand()
  @HttpCode(202)
  @RequireScope('messages:send')
  @ApiOperation({ operationId: 'sendMessage', summary: 'Send a message' })
  @ApiHeader(idempotencyKeyHeader)
  @ApiBody({ type: CreateMessageDto })
  @ApiAcceptedResponse({ type: MessageDto, headers: replayedHeaders })
  @ApiProblems(...sendProblems)
  async send(
    @CurrentCaller() caller: Caller,
    @Body() body: unknown,
    @Headers('idempotency-key') key: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MessageDto> {
    const { accepted, isReplay } = await this.intake.take({
      caller,
      body,
      idempotencyKey: readIdempotencyKey(key),
      requestId: request.id,
      deadline: request.deadline,
    });
    if (isReplay) reply.header(replayedHeader, 'true');
    return showMessage(accepted, progressAtAcceptance(accepted));
  }

  /** Each message is accepted or refused by itself; the answer is an error only where the whole batch is refused. */
  @Post('batch')
  @BodyLimit('batchBodyBytes')
  @HttpCode(202)
  @RequireScope('messages:send')
  @ApiOperation({ operationId: 'sendBatch', summary: 'Send up to 1,000 messages' })
  @ApiHeader(idempotencyKeyHeader)
  @ApiBody({ type: CreateBatchDto })
  @ApiAcceptedResponse({ type: BatchOutcomeDto, headers: replayedHeaders })
  @ApiProblems(
    InvalidRequest,
    InvalidIdempotencyKey,
    AccountGone,
    IdempotencyKeyReused,
    IdempotencyInProgress,
    TenantSuspended,
    RequestTooLarge,
    TooManyRequests,
    Overloaded,
    OutcomeUnknown,
  )
  async sendBatch(
    @CurrentCaller() caller: Caller,
    @Body() body: unknown,
    @Headers('idempotency-key') key: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BatchOutcomeDto> {
    const { results, isReplay } = await this.batches.take({
      caller,
      body,
      idempotencyKey: readIdempotencyKey(key),
      requestId: request.id,
      deadline: request.deadline,
    });
    if (isReplay) reply.header(replayedHeader, 'true');
    return showBatch(results);
  }

  @Get()
  @RequireScope('messages:read')
  @ApiOperation({ operationId: 'listMessages', summary: 'List messages, newest first' })
  @ApiOkResponse({ type: MessagePageDto })
  @ApiProblems(InvalidRequest, InvalidCursor)
  async list(
    @CurrentCaller() caller: Caller,
    @Query() query: ListMessagesQueryDto,
  ): Promise<MessagePageDto> {
    const filters = filtersOf(query);
    const before = pageStartOf(query, filters);
    const page = await this.reader.list(caller, filters, { limit: query.limit, before });
    return {
      data: page.messages.map(({ accepted, progress }) => showMessage(accepted, progress)),
      next_cursor: nextCursorOf(filters, page.nextBefore),
    };
  }

  @Get(':id')
  @RequireScope('messages:read')
  @ApiOperation({ operationId: 'getMessage', summary: 'Read a message' })
  @ApiParam(messageId)
  @ApiOkResponse({ type: MessageDto })
  @ApiProblems(NotFound)
  async get(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<MessageDto> {
    const { accepted, progress } = await this.reader.get(caller, requireId('msg', id));
    return showMessage(accepted, progress);
  }

  /** From its acceptance on: what it waited for, each attempt, each receipt and poll, and what came of it. */
  @Get(':id/timeline')
  @RequireScope('messages:read')
  @ApiOperation({ operationId: 'getMessageTimeline', summary: 'Read what happened to a message' })
  @ApiParam(messageId)
  @ApiOkResponse({ type: TimelineDto })
  @ApiProblems(NotFound)
  async timeline(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<TimelineDto> {
    return { data: timelineOf(await this.reader.history(caller, requireId('msg', id))) };
  }

  /** Possible until it is sent. One that waits to be sent again after an unknown outcome becomes `uncertain`. */
  @Post(':id/cancel')
  @HttpCode(200)
  @RequireScope('messages:cancel')
  @ApiOperation({ operationId: 'cancelMessage', summary: 'Cancel a message' })
  @ApiParam(messageId)
  @ApiOkResponse({ type: MessageDto })
  @ApiProblems(NotFound, AlreadySending, MessageNotCancellable, TenantSuspended)
  async cancel(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<MessageDto> {
    const cancelled = await this.canceller.cancel(caller, requireId('msg', id), caller.apiKeyId);
    return showMessage(cancelled.accepted, cancelled.progress);
  }
}
