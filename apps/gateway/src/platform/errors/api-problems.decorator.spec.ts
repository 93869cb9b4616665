import { describe, expect, it } from '@jest/globals';
import { Controller, Delete, Get, Module } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { ApiProblems } from './api-problems.decorator.js';
import { Forbidden, InvalidRequest, MalformedJson, NotFound } from './request-errors.js';

@ApiProblems(InvalidRequest)
@Controller('things')
class ThingsController {
  @Get()
  @ApiProblems(MalformedJson)
  @ApiProblems(NotFound)
  list() {}

  @Delete()
  @ApiProblems(Forbidden)
  remove() {}
}

@Module({ controllers: [ThingsController] })
class ThingsModule {}

describe('ApiProblems', () => {
  it('adds up what class and methods list, by status, in OpenAPI', async () => {
    const testing = await Test.createTestingModule({ imports: [ThingsModule] }).compile();
    const app = testing.createNestApplication(new FastifyAdapter());
    await app.init();
    const document = SwaggerModule.createDocument(app, new DocumentBuilder().build());
    await app.close();

    const { get, delete: remove } = document.paths['/things']!;
    expect(Object.keys(get!.responses).sort()).toEqual(['400', '404']);
    expect(Object.keys(remove!.responses).sort()).toEqual(['400', '403']);
    const response = get!.responses['400'] as {
      content: Record<string, { examples: Record<string, { value: object }> }>;
    };
    const examples = response.content['application/problem+json']!.examples;
    expect(Object.keys(examples).sort()).toEqual(['invalid_request', 'malformed_json']);
    expect(examples['invalid_request']!.value).toMatchObject({
      type: 'urn:tyrian:problem:invalid_request',
      status: 400,
    });
    expect(document.components?.schemas).toHaveProperty('ProblemDto');
  });
});
