import { Catch, Injectable, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Configuration } from '../platform/config/index.js';
import { recordFailure, toAppError } from '../platform/http/index.js';
import { Log } from '../platform/logging/index.js';
import { providerErrorOf } from './provider-error.js';

/** Tells errors as the provider does: its clients read no body under another status than 200. */
@Catch()
@Injectable()
export class ProviderErrorFilter implements ExceptionFilter {
  constructor(
    private readonly configuration: Configuration,
    private readonly log: Log,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const error = toAppError(thrown);
    recordFailure(this.log, error, thrown, http.getRequest<FastifyRequest>());
    const body = providerErrorOf(error);
    const reply = http.getResponse<FastifyReply>();
    const isReal = this.configuration.dropin.httpStatus === 'real';
    if (isReal && body.status === 401) reply.header('www-authenticate', 'Basic realm="Tyrian"');
    if (isReal && body.status === 429) reply.header('retry-after', '1');
    void reply.code(isReal ? body.status : 200).send(body);
  }
}
