import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Log } from '../logging/index.js';

declare module 'fastify' {
  interface FastifyRequest {
    logBindings: Record<string, unknown> | null;
  }
}

export const REQUEST_ID_HEADER = 'x-request-id';

/** An id from a proxy goes on with the request; one that could not be told from noise does not. */
export function requestIdOf(request: Pick<IncomingMessage, 'headers'>): string {
  const given = request.headers[REQUEST_ID_HEADER];
  return typeof given === 'string' && /^[A-Za-z0-9._-]{8,64}$/.test(given) ? given : randomUUID();
}

/** Adds to the line that is logged once the request is answered, such as whose it was. */
export function bindToRequestLog(
  request: FastifyRequest,
  bindings: Readonly<Record<string, unknown>>,
): void {
  request.logBindings = { ...request.logBindings, ...bindings };
}

export function useRequestIds(instance: FastifyInstance): void {
  instance.decorateRequest('logBindings', null);
  instance.addHook('onRequest', (request, reply, done) => {
    reply.header(REQUEST_ID_HEADER, request.id);
    done();
  });
}

/** One line for each answer. The route's pattern stands for the URL, which holds ids and macs. */
export function logRequests(instance: FastifyInstance, log: Log): void {
  instance.addHook('onResponse', (request, reply, done) => {
    const level = levelOf(request, reply);
    if (log.isEnabled(level)) {
      log[level](
        {
          requestId: request.id,
          method: request.method,
          route: request.routeOptions.url ?? null,
          status: reply.statusCode,
          durationMs: Math.round(reply.elapsedTime * 10) / 10,
          ...request.logBindings,
        },
        'request',
      );
    }
    done();
  });
}

function levelOf(request: FastifyRequest, reply: FastifyReply): 'debug' | 'info' | 'warn' {
  if (reply.statusCode >= 500) return 'warn';
  // Probes come every few seconds and say nothing while they succeed.
  return request.routeOptions.url?.startsWith('/health/') ? 'debug' : 'info';
}
