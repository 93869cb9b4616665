import { Body, Controller, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { BodyLimit, DeadlineAtHand, RawBody } from '../platform/http/index.js';
import { CallbackIntake } from './callback-intake.js';

/** Where the provider tells statuses and replies. Its URLs are handed out by us and cannot be guessed. */
@Controller('callbacks/viber')
@ApiExcludeController()
export class CallbacksController {
  constructor(private readonly intake: CallbackIntake) {}

  @Post('s/:token')
  @DeadlineAtHand()
  @HttpCode(200)
  @RawBody()
  @BodyLimit('callbackBodyBytes')
  async status(
    @Param('token') token: string,
    @Body() body: Buffer | undefined,
    @Query() query: Record<string, unknown>,
    @Req() { deadline }: FastifyRequest,
  ) {
    await this.intake.takeAtMessage(token, callbackOf(body, query), deadline);
    return {};
  }

  @Get('s/:token')
  @DeadlineAtHand()
  async statusInQuery(
    @Param('token') token: string,
    @Query() query: Record<string, unknown>,
    @Req() { deadline }: FastifyRequest,
  ) {
    await this.intake.takeAtMessage(token, callbackOf(undefined, query), deadline);
    return {};
  }

  @Post('i/:token')
  @HttpCode(200)
  @RawBody()
  @BodyLimit('callbackBodyBytes')
  async inbound(
    @Param('token') token: string,
    @Body() body: Buffer | undefined,
    @Query() query: Record<string, unknown>,
  ) {
    await this.intake.takeAtConnection(token, callbackOf(body, query));
    return {};
  }

  @Get('i/:token')
  async inboundInQuery(@Param('token') token: string, @Query() query: Record<string, unknown>) {
    await this.intake.takeAtConnection(token, callbackOf(undefined, query));
    return {};
  }
}

function callbackOf(body: Buffer | undefined, query: Record<string, unknown>) {
  return { body: body instanceof Buffer ? body : null, query };
}
