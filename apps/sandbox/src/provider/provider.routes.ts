import { METHODS } from 'node:http';
import { Injectable, NotFoundException } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AnswerName } from './answers.js';
import { keyOf } from './credentials.js';
import { Provider } from './provider.js';
import type { Incoming } from './verdict.js';
import { readBody, unreadBody } from './request-body.js';

const sendPath = '/v1/api/send-viber';
const statusPath = '/v1/api/receive-viber';
const bodyLimitBytes = 1024 * 1024;
/** By HTTP status: how the errors are told with which Fastify turns a request away. */
const refusals: Readonly<Record<number, AnswerName>> = {
  413: 'too_large',
  415: 'unsupported_media_type',
};

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
    // Whatever Node can read is a request to the provider, and stands in the journal.
    for (const method of METHODS) {
      if (!fastify.supportedMethods.includes(method) && method !== 'CONNECT')
        fastify.addHttpMethod(method, { hasBody: true });
    }
    await fastify.register(async (scope) => {
      scope.setErrorHandler<FastifyError>(async (error, request, reply) => {
        if (isForControl(request) || !error.code?.startsWith('FST_')) throw error;
        await this.turnedAway(error, request, reply);
        return reply;
      });
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
        if (isForControl(request)) throw new NotFoundException();
        const [path] = request.url.split('?', 1);
        const isWrongMethod = path === sendPath || path === statusPath;
        const stray = { request: `${request.method} ${request.url}`, isWrongMethod };
        await this.provider.stray(await incoming(request, reply), stray);
        return reply;
      });
    });
  }

  /** What Fastify answers before any handler: it is written down like all else, and then told. */
  async turnedAway(
    error: FastifyError,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    if (isForControl(request)) return void reply.code(error.statusCode ?? 400).send(error);
    const { authorization, 'content-type': contentType = '' } = request.headers;
    await this.provider.unread(
      { key: keyOf(authorization), contentType, body: unreadBody, reply },
      {
        request: `${request.method} ${request.url}`,
        reason: error.message,
        answer: refusals[error.statusCode ?? 0] ?? 'bad_request',
      },
    );
  }
}

function isForControl(request: FastifyRequest): boolean {
  return request.url.startsWith('/sandbox');
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
