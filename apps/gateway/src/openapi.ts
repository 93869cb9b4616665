import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import { GatewayModule } from './gateway.module.js';
import { DatabaseAddress } from './platform/database/index.js';
import { createOpenApiDocument } from './platform/openapi/index.js';

export { mountOpenApi } from './platform/openapi/index.js';

const noDatabase = 'postgres://nowhere.invalid/none';

/** The whole API, read off the controllers: in a preview nothing is made, so no database is needed. */
export async function buildOpenApiDocument(): Promise<OpenAPIObject> {
  const address = new DatabaseAddress(noDatabase, noDatabase, noDatabase, 5);
  const app = await NestFactory.create(
    GatewayModule.forRoot({ address, roles: new Set(['api']) }),
    new FastifyAdapter({ logger: false }),
    { preview: true, logger: false, abortOnError: false },
  );
  return createOpenApiDocument(app);
}
