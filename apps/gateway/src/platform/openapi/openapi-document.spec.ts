import { beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Module, Post, Query } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { ApiBearerAuth, ApiProperty, type OpenAPIObject } from '@nestjs/swagger';
import { Test } from '@nestjs/testing';
import { IsString } from 'class-validator';
import { ApiProblems, AppError, defineProblem } from '../errors/index.js';
import { createOpenApiDocument } from './openapi-document.js';

class ThingTaken extends AppError {
  static readonly problem = defineProblem({
    code: 'thing_taken',
    status: 400,
    title: 'Thing taken',
    meaning: 'Somebody has it.',
    action: 'Take another.',
  });
  constructor() {
    super(ThingTaken.problem);
  }
}

class ThingDto {
  @ApiProperty()
  @IsString()
  name: string;
}

@Controller('things')
class ThingsController {
  @Post()
  @ApiBearerAuth('api_key')
  @ApiProblems(ThingTaken)
  create(@Body() thing: ThingDto) {
    return thing;
  }

  @Get()
  list(@Query('limit') limit: string) {
    return limit;
  }
}

@Module({ controllers: [ThingsController] })
class ThingsModule {}

describe('the API document', () => {
  let document: OpenAPIObject;
  beforeAll(async () => {
    const testing = await Test.createTestingModule({ imports: [ThingsModule] }).compile();
    const app = testing.createNestApplication(new FastifyAdapter(), { logger: false });
    await app.init();
    document = createOpenApiDocument(app);
    await app.close();
  });

  const codesOf = (path: string, method: 'get' | 'post') =>
    Object.entries(document.paths[path]?.[method]?.responses ?? {})
      .flatMap(([status, response]) =>
        Object.keys(
          (response as { content?: Record<string, { examples?: object }> }).content?.[
            'application/problem+json'
          ]?.examples ?? {},
        ).map((code) => `${status} ${code}`),
      )
      .toSorted();

  it('lists for every operation its own errors and the common ones', () => {
    expect(codesOf('/things', 'get')).toEqual([
      '400 invalid_characters',
      '400 invalid_request',
      '500 internal_error',
    ]);
    expect(codesOf('/things', 'post')).toEqual([
      '400 duplicate_json_key',
      '400 invalid_characters',
      '400 invalid_request',
      '400 json_too_deep',
      '400 malformed_json',
      '400 number_not_exact',
      '400 thing_taken',
      '401 unauthenticated',
      '413 request_too_large',
      '415 unsupported_media_type',
      '500 internal_error',
      '503 database_unavailable',
      '503 outcome_unknown',
    ]);
  });

  it('describes each code once', () => {
    const responses = document.paths['/things']?.post?.responses ?? {};
    const description = (responses['400'] as { description?: string }).description ?? '';
    expect(description.match(/`thing_taken`/g)).toHaveLength(1);
    expect(description.match(/`malformed_json`/g)).toHaveLength(1);
  });
});
