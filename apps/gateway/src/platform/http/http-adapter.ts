import { createServer, STATUS_CODES, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify';
import type { Configuration } from '../config/index.js';
import { MalformedHttp } from '../errors/index.js';
import { useBodyParsers } from './body-parsers.js';
import { Crowd } from './crowd.js';
import { sendProblem } from './problem.filter.js';
import { useRequestDeadlines } from './request-deadline.js';
import { requestIdOf, useRequestIds } from './request-log.js';
import { applyBodyLimit } from './route-options.js';
import { toAppError } from './to-app-error.js';

/** The longest part of a path: callback addresses hold several ids and a mac in one part. */
const MAXIMUM_PATH_PART = 500;
/** How often Node looks for connections that are over their time. */
const TIMEOUT_CHECK_MS = 500;
/** For longer than the idle time of the balancers in front: it is they who close, and no request meets a closing socket. */
const KEEP_ALIVE_MS = 72_000;

/**
 * Fastify with every limit set: time for headers and for bodies, connections, sizes, depth. It answers
 * problem+json also where a request never gets as far as Nest.
 */
export function createHttpAdapter(
  configuration: Pick<Configuration, 'limits' | 'trustedProxies'>,
): FastifyAdapter {
  const { limits, trustedProxies } = configuration;
  const crowd = new Crowd();
  const adapter = new FastifyAdapter({
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.bodyTimeoutMs,
    serverFactory: (listener: RequestListener) => createServerFor(listener, crowd, limits),
    routerOptions: { maxParamLength: MAXIMUM_PATH_PART },
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    genReqId: requestIdOf,
    logger: false,
    // No Nest middleware here: guards and hooks do, without a step of its own for each request.
    skipMiddie: true,
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      reply.header('x-request-id', request.id);
      sendProblem(reply, toAppError(error));
    },
    clientErrorHandler: answerUnreadable,
  });
  const instance = adapter.getInstance();
  instance.decorate('crowd', crowd);
  instance.addHook('onClose', (_instance, done) => {
    crowd.close();
    done();
  });
  instance.addHook('onRoute', (route) => applyBodyLimit(route, limits));
  useRequestIds(instance);
  instance.addHook('onRequest', refuseHostless);
  useRequestDeadlines(instance);
  useBodyParsers(instance, limits.jsonDepth);
  return adapter;
}

function createServerFor(
  listener: RequestListener,
  crowd: Crowd,
  limits: Configuration['limits'],
): Server {
  const server = createServer(
    {
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.bodyTimeoutMs,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      // Node's own refusal has no body: ours says what is wrong.
      requireHostHeader: false,
      keepAliveTimeout: KEEP_ALIVE_MS,
    },
    (request, response) => {
      if (crowd.takes(request, response)) listener(request, response);
    },
  );
  server.maxConnections = limits.connections;
  return server;
}

/** HTTP/1.1 wants to know whom a request is for; a server that guesses may be led behind a proxy's back. */
function refuseHostless(
  { raw }: FastifyRequest,
  reply: FastifyReply,
  done: HookHandlerDoneFunction,
): void {
  if (raw.headers.host !== undefined || raw.httpVersion === '1.0') {
    done();
    return;
  }
  reply.header('connection', 'close');
  sendProblem(reply, new MalformedHttp());
}

/** For requests that Node could not read, or not in time: there is a socket only. */
function answerUnreadable(thrown: NodeJS.ErrnoException, socket: Socket): void {
  if (thrown.code === 'ECONNRESET' || socket.destroyed) return;
  const known = toAppError(thrown);
  const error = known.status < 500 ? known : toAppError({ code: 'FST_ERR_BAD_URL' });
  const body = JSON.stringify(error.toProblem());
  if (socket.writable) {
    socket.write(
      `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}\r\n` +
        'Connection: close\r\n' +
        'Content-Type: application/problem+json\r\n' +
        `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  }
  socket.destroySoon();
}
