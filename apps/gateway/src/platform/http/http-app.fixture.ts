import {
  Body,
  Controller,
  Get,
  HttpCode,
  Module,
  Param,
  Post,
  Query,
  Req,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import type { FastifyRequest } from 'fastify';
import { loadConfiguration } from '../config/index.js';
import { NotFound } from '../errors/index.js';
import { LifecycleModule } from '../lifecycle/index.js';
import { Log } from '../logging/index.js';
import { configureHttpApp, httpAppOptions } from './http-app.js';
import { createHttpAdapter } from './http-adapter.js';
import { QueryBoolean, QueryInteger, QueryList } from './query-parameters.js';
import { bindToRequestLog } from './request-log.js';
import { BodyLimit, RawBody } from './route-options.js';
import { refuseUnaskedInput } from './unasked-input.js';

class Part {
  @IsString()
  @MaxLength(5)
  name: string;

  @IsOptional()
  @Matches(/^x/, { context: { code: 'no_x' } })
  mark?: string;
}

class Thing {
  @IsString()
  @MaxLength(5)
  name: string;

  @IsOptional()
  @ValidateNested({ each: true })
  @IsArray()
  @Type(() => Part)
  parts?: Part[];

  @IsOptional()
  @ValidateNested()
  @Type(() => Part)
  part?: Part;

  @IsOptional()
  @IsInt()
  count?: number;
}

class ThingQuery {
  @IsOptional()
  @QueryInteger()
  @IsInt()
  @Min(1)
  @Max(500)
  limit?: number;

  @IsOptional()
  @QueryBoolean()
  @IsBoolean()
  is_final?: boolean;

  @IsOptional()
  @QueryList()
  @IsString({ each: true })
  status?: string[];
}

export const thrown: { error: unknown } = { error: new Error('none') };

/** What `GET /things/slow` waits for. */
export const slow: { until: Promise<void> } = { until: Promise.resolve() };

class Anybody implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    refuseUnaskedInput(context);
    return true;
  }
}

@Controller('things')
@UseGuards(Anybody)
class ThingsController {
  @Get()
  list(@Query() query: ThingQuery) {
    return query;
  }

  @Post()
  @HttpCode(200)
  create(@Body() thing: Thing, @Req() request: FastifyRequest) {
    return { thing, body: request.body, isThing: thing instanceof Thing };
  }

  @Post('batch')
  @BodyLimit('batchBodyBytes')
  batch(@Body() body: object) {
    return { length: JSON.stringify(body).length };
  }

  @Post('cancel')
  @HttpCode(200)
  cancel() {
    return { cancelled: true };
  }

  @Post('raw')
  @HttpCode(200)
  @BodyLimit('callbackBodyBytes')
  @RawBody()
  raw(@Body() body: Buffer) {
    return { isBuffer: Buffer.isBuffer(body), text: String(body) };
  }

  @Get('failing')
  fail() {
    throw thrown.error;
  }

  @Get('slow')
  async wait() {
    await slow.until;
    return { waited: true };
  }

  @Get(':id')
  read(@Param('id') id: string, @Req() request: FastifyRequest) {
    bindToRequestLog(request, { tenantId: 'ten_1' });
    if (id === 'absent') throw new NotFound();
    return { id, ip: request.ip };
  }
}

export interface RunningApp {
  readonly app: NestFastifyApplication;
  readonly port: number;
  readonly url: string;
  /** Parsed log lines. */
  readonly lines: () => Record<string, unknown>[];
}

/** A small application on a free port, with its log in memory. */
export async function startApp(env: Record<string, string> = {}): Promise<RunningApp> {
  const { configuration } = loadConfiguration({ NODE_ENV: 'test', ...env });
  const lines: string[] = [];
  const log = Log.create({ level: 'debug', format: 'json', write: (line) => lines.push(line) });
  @Module({
    imports: [LifecycleModule],
    controllers: [ThingsController],
    providers: [{ provide: Log, useValue: log }],
  })
  class ThingsModule {}
  const testing = await Test.createTestingModule({ imports: [ThingsModule] }).compile();
  const app = testing.createNestApplication<NestFastifyApplication>(
    createHttpAdapter(configuration),
    { ...httpAppOptions, logger: false },
  );
  await configureHttpApp(app).listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as { port: number };
  return {
    app,
    port,
    url: `http://127.0.0.1:${port}`,
    lines: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}
