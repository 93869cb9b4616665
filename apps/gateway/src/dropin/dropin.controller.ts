import { Body, Controller, HttpCode, Post, Req, UseFilters, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { sendPath, statusPath, type WireSendAnswer } from '#viber';
import type { FastifyRequest } from 'fastify';
import { DeadlineAtHand, RawBody } from '../platform/http/index.js';
import { CurrentCaller, RequireScope, type Caller } from '../tenants/index.js';
import { DropinIntake } from './dropin-intake.js';
import { DropinStatusReader } from './dropin-status-reader.js';
import { ProviderErrorFilter } from './provider-error.filter.js';
import type { ProviderStatus } from './provider-status.js';
import { ProviderKeyGuard } from './provider-key.guard.js';

/**
 * The provider's own two calls, for its existing clients (docs/moving-from-itd.md). What they answer is the provider's, to
 * the key; the API reference is of ours only.
 */
@Controller()
@UseGuards(ProviderKeyGuard)
@UseFilters(ProviderErrorFilter)
@ApiExcludeController()
export class DropinController {
  constructor(
    private readonly intake: DropinIntake,
    private readonly statuses: DropinStatusReader,
  ) {}

  @Post(sendPath)
  @DeadlineAtHand()
  @HttpCode(200)
  @RawBody()
  @RequireScope('messages:send')
  async send(
    @CurrentCaller() caller: Caller,
    @Body() body: Buffer | undefined,
    @Req() request: FastifyRequest,
  ): Promise<WireSendAnswer> {
    const { id: requestId, deadline } = request;
    const number = await this.intake.take({ caller, body, requestId, deadline });
    return { message_id: number };
  }

  @Post(statusPath)
  @HttpCode(200)
  @RawBody()
  @RequireScope('messages:read')
  status(
    @CurrentCaller() caller: Caller,
    @Body() body: Buffer | undefined,
  ): Promise<ProviderStatus> {
    return this.statuses.read(caller, body);
  }
}
