import {
  BadRequestException,
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Param,
  Post,
  Put,
  Query,
  Res,
  UsePipes,
  ValidationPipe,
} from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Callbacks, trackingOf } from '../callbacks.js';
import { SandboxClock } from '../clock.js';
import { fates, findFate } from '../fates.js';
import { Faults } from '../faults.js';
import type { Fault } from '../faults.js';
import { Journal } from '../journal.js';
import { Keys } from '../keys.js';
import { Messages } from '../messages.js';
import { SandboxState } from '../sandbox-state.js';
import {
  AdvanceDto,
  FaultDto,
  InboundDto,
  JournalQueryDto,
  KeyDto,
  MessagesQueryDto,
  ResetDto,
} from './control.dto.js';

/** What tests and operators do to the sandbox, and what they ask it. Open to whoever reaches it. */
@Controller('sandbox')
@UsePipes(new ValidationPipe({ transform: true, whitelist: true, forbidNonWhitelisted: true }))
export class ControlController {
  constructor(
    private readonly state: SandboxState,
    private readonly clock: SandboxClock,
    private readonly journal: Journal,
    private readonly keys: Keys,
    private readonly faults: Faults,
    private readonly messages: Messages,
    private readonly callbacks: Callbacks,
  ) {}

  @Get()
  overview() {
    return {
      now: this.now(),
      messages: this.messages.count,
      planned: this.clock.planned,
      journal: {
        first_seq: this.journal.firstSeq,
        last_seq: this.journal.lastSeq,
        held_bytes: this.journal.heldBytes,
      },
      faults: this.shownFaults(),
    };
  }

  @Post('reset')
  @HttpCode(200)
  reset(@Body() body: ResetDto) {
    this.state.reset(body ?? {});
    return this.overview();
  }

  @Get('fates')
  listFates() {
    return { data: fates.map(({ name, code, description }) => ({ name, code, description })) };
  }

  @Get('faults')
  listFaults() {
    return { data: this.shownFaults() };
  }

  @Post('faults')
  @HttpCode(200)
  setFault(@Body() body: FaultDto) {
    this.faults.set({
      fate: findFate(body.fault)!,
      rate: body.rate,
      key: body.key ?? null,
      on: body.on,
      httpStatus: body.http_status ?? null,
      remaining: body.count ?? null,
    });
    return this.listFaults();
  }

  @Delete('faults')
  clearFaults() {
    this.faults.clear();
    return this.listFaults();
  }

  @Get('keys/:key')
  getKey(@Param('key') key: string) {
    return { key, ...this.keys.settings(key) };
  }

  @Put('keys/:key')
  putKey(@Param('key') key: string, @Body() body: KeyDto) {
    return { key, ...this.keys.set(key, body) };
  }

  @Post('keys/:key')
  @HttpCode(200)
  postKey(@Param('key') key: string, @Body() body: KeyDto) {
    return this.putKey(key, body);
  }

  @Post('inbound')
  @HttpCode(200)
  sendInbound(@Body() body: InboundDto) {
    const newest = this.messages.findNewestTo(body.phone_number, body.key);
    const key = body.key ?? newest?.key ?? '';
    const url = body.url ?? this.keys.inboundUrl(key) ?? newest?.callbackUrl;
    if (!url) {
      throw new BadRequestException(
        'There is nowhere to send it: give url, or the key an inbound_url, or send this number a message with a callback_url before.',
      );
    }
    const trackingData =
      body.tracking_data === undefined ? newest && trackingOf(newest) : body.tracking_data;
    const token = this.callbacks.reply({
      key,
      url,
      recipient: body.phone_number,
      text: body.text,
      trackingData,
      timeUnit: body.time_unit,
    });
    return { message_token: token, url };
  }

  @Get('clock')
  getClock() {
    return { now: this.now(), planned: this.clock.planned };
  }

  @Post('clock/advance')
  @HttpCode(200)
  advance(@Body() { seconds, milliseconds }: AdvanceDto) {
    if (seconds === undefined && milliseconds === undefined) {
      throw new BadRequestException('Say by how much: seconds, milliseconds or both.');
    }
    const became_due = this.clock.advance((seconds ?? 0) * 1000 + (milliseconds ?? 0));
    return { became_due, ...this.getClock() };
  }

  @Get('journal')
  readJournal(@Query() { format, ...filter }: JournalQueryDto, @Res() reply: FastifyReply) {
    const { lines, last } = this.journal.page(filter);
    reply.header('x-journal-first-seq', this.journal.firstSeq).header('x-journal-next-after', last);
    if (format === 'ndjson') {
      return reply.header('content-type', 'application/x-ndjson').send(Buffer.concat(lines));
    }
    const page = `{"data":[${lines.map((line) => line.toString().trimEnd()).join(',')}],"next_after":${last}}`;
    return reply.header('content-type', 'application/json').send(page);
  }

  @Get('messages')
  listMessages(@Query() query: MessagesQueryDto) {
    const data = this.messages.list(query);
    return { data, next_after: data.length === query.limit ? data.at(-1)!.id : null };
  }

  private shownFaults() {
    return this.faults.active.map(({ fate, httpStatus, remaining, ...fault }: Fault) => ({
      fault: fate.name,
      ...fault,
      http_status: httpStatus,
      remaining,
    }));
  }

  private now(): string {
    return new Date(this.clock.now()).toISOString();
  }
}
