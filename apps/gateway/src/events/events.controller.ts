import { Controller, Get, Query, Res, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { PublicEvent } from '../messages/index.js';
import {
  ApiProblems,
  DatabaseUnavailable,
  InvalidRequest,
  Unauthenticated,
} from '../platform/errors/index.js';
import { DeadlineAtHand } from '../platform/http/index.js';
import { showId } from '../platform/ids/index.js';
import {
  ApiKeyExpired,
  ApiKeyGuard,
  ApiKeyRevoked,
  CurrentCaller,
  InsufficientScope,
  InvalidCursor,
  RequireScope,
  type Caller,
} from '../tenants/index.js';
import { EventPageDto, type FeedEventDto } from './dto/event-page.dto.js';
import { ListEventsQueryDto } from './dto/list-events.query.dto.js';
import { CursorTooOld, TooManyWaiting } from './events.errors.js';
import { readFeedCursor, writeFeedCursor, type FeedPlace } from './feed-cursor.js';
import { Feed } from './feed.js';

/** In place of a cursor. */
const latest = 'latest';

@Controller('v1/events')
@UseGuards(ApiKeyGuard)
@ApiTags('Events')
@ApiBearerAuth('api_key')
@ApiProblems(Unauthenticated, ApiKeyExpired, ApiKeyRevoked, InsufficientScope, DatabaseUnavailable)
export class EventsController {
  constructor(private readonly feed: Feed) {}

  /** Each event comes once, in its order, and none is left out. Events are kept for 30 days. */
  @Get()
  @DeadlineAtHand()
  @RequireScope('events:read')
  @ApiOperation({ operationId: 'listEvents', summary: 'Follow what happens, oldest first' })
  @ApiOkResponse({ type: EventPageDto })
  @ApiProblems(InvalidRequest, InvalidCursor, CursorTooOld, TooManyWaiting)
  async list(
    @CurrentCaller() caller: Caller,
    @Query() query: ListEventsQueryDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EventPageDto> {
    const page = await this.feed.read(
      caller,
      {
        after: await this.placeOf(caller, query.after),
        types: query.types ?? null,
        limit: query.limit,
      },
      { waitMs: query.wait_seconds * 1_000, signal: goneSignal(reply) },
    );
    return {
      data: page.events.map(showFeedEvent),
      next_cursor: writeFeedCursor(caller.tenantId, page.place),
      has_more: page.hasMore,
    };
  }

  private async placeOf(caller: Caller, after: string | undefined): Promise<FeedPlace | null> {
    // A shell's way to leave it out.
    if (after === undefined || after === '') return null;
    return after === latest
      ? this.feed.latest(caller.tenantId)
      : readFeedCursor(caller.tenantId, after);
  }
}

function showFeedEvent({ id, payload }: PublicEvent): FeedEventDto {
  return { id: showId('evt', id), ...payload };
}

/** Aborts when the client has gone. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => controller.abort());
  return controller.signal;
}
