import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { MethodNotAllowed, NoSuchRoute, Overloaded, type AppError } from '../errors/index.js';
import type { Log } from '../logging/index.js';
import { isClientGone, toAppError } from './to-app-error.js';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** The one place where what was thrown becomes an answer. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Log) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const error = toAppError(thrown);
    recordFailure(this.log, error, thrown, request);
    if (reply.sent || reply.raw.headersSent) {
      // The answer has begun: cutting it short is the only way left to say that it is not whole.
      reply.raw.destroy();
      return;
    }
    sendProblem(reply, error instanceof NoSuchRoute ? orMethodNotAllowed(error, request) : error);
  }
}

/** Logs what the client is not told the whole of. */
export function recordFailure(
  log: Log,
  error: AppError,
  thrown: unknown,
  request: FastifyRequest,
): void {
  // The line of the request says all that there is to say of a gateway with too much to do.
  if (error.status < 500 || error instanceof Overloaded || isClientGone(thrown)) return;
  const bindings = {
    requestId: request.id,
    route: request.routeOptions.url,
    code: error.code,
    err: error.cause ?? thrown,
  };
  // Only what nobody foresaw is an error of ours; an unreachable database says so itself.
  if (error.status === 500) log.error(bindings, 'a request failed');
  else log.warn(bindings, 'a request was turned away');
}

export function sendProblem(reply: FastifyReply, error: AppError): void {
  // Serialised here: Fastify would add a charset, which this media type does not have.
  void reply
    .code(error.status)
    .headers(error.headers)
    .header('content-type', 'application/problem+json')
    .send(Buffer.from(JSON.stringify(error.toProblem())));
}

function orMethodNotAllowed(error: AppError, request: FastifyRequest): AppError {
  const [path = '/'] = request.raw.url?.split('?') ?? [];
  const allowed = METHODS.filter(
    (method) => request.server.findRoute({ method, url: path }) !== null,
  );
  // The route took the method and found nothing itself, as that of static files does.
  const isTaken = allowed.some((method) => method === request.method);
  return allowed.length === 0 || isTaken ? error : new MethodNotAllowed(allowed);
}
