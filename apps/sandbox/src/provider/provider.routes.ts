import { Injectable, NotFoundException } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { keyOf } from './credentials.js';
import { Provider } from './provider.js';
import type { Incoming } from './verdict.js';
import { readBody } from './request-body.js';

const sendPath = '/v1/api/send-viber';
const statusPath = '/v1/api/receive-viber';
const bodyLimitBytes = 1024 * 1024;

/**
 * The provider's two routes, on Fastify itself: a benchmark drives thousands of requests a second through
 * them, and their bodies come in three forms that no pipe of ours should touch.
 */
@Injectable()
export class ProviderRoutes implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly provider: Provider,
  ) {}

  async onModuleInit(): Promise<void> {
    const fastify: FastifyInstance = this.host.httpAdapter.getInstance();
    await fastify.register(async (scope) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser(
        '*',
        { parseAs: 'buffer', bodyLimit: bodyLimitBytes },
        (_request, body, done) => done(null, body),
      );
      scope.post(sendPath, async (request, reply) => {
        await this.provider.send(await incoming(request, reply));
        return reply;
      });
      scope.post(statusPath, async (request, reply) => {
        await this.provider.status(await incoming(request, reply));
        return reply;
      });
      scope.all('/*', async (request, reply) => {
        // A typo in a control route is no request to the provider.
        if (request.url.startsWith('/sandbox')) throw new NotFoundException();
        const isWrongMethod = request.url === sendPath || request.url === statusPath;
        const stray = { request: `${request.method} ${request.url}`, isWrongMethod };
        await this.provider.stray(await incoming(request, reply), stray);
        return reply;
      });
    });
  }
}

async function incoming(request: FastifyRequest, reply: FastifyReply): Promise<Incoming> {
  const contentType = request.headers['content-type'] ?? '';
  const bytes = request.body instanceof Uint8Array ? (request.body as Buffer) : Buffer.alloc(0);
  return {
    key: keyOf(request.headers.authorization),
    contentType,
    body: await readBody(contentType, bytes),
    reply,
  };
}
