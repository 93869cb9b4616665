import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import type { Configuration } from '../config/index.js';
import { Drain } from '../lifecycle/index.js';
import { Log, NestLog } from '../logging/index.js';
import { createHttpAdapter } from './http-adapter.js';
import { ProblemFilter } from './problem.filter.js';
import { logRequests } from './request-log.js';
import { RequestValidationPipe } from './request-validation.pipe.js';
import { cutUnfinishedRequests } from './unfinished-requests.js';

/** Nest's own parsers stay out: ours are on the adapter already. */
export const httpAppOptions = { bodyParser: false } as const;

/**
 * The application that answers HTTP, not yet listening. Its module imports `LoggingModule` and
 * `LifecycleModule`.
 *
 * @param log there before the application, so that Nest never speaks in a log of its own: least of
 * all when the making fails
 */
export async function createHttpApp(
  module: Type | DynamicModule,
  configuration: Configuration,
  log: Log,
): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(
    module,
    createHttpAdapter(configuration),
    { ...httpAppOptions, logger: new NestLog(log), abortOnError: false },
  );
  return configureHttpApp(app);
}

/** The rest of `createHttpApp`, for an application that a test made around `createHttpAdapter`. */
export function configureHttpApp(app: NestFastifyApplication): NestFastifyApplication {
  const log = app.get(Log);
  app.useGlobalFilters(new ProblemFilter(log));
  app.useGlobalPipes(new RequestValidationPipe());
  const instance = app.getHttpAdapter().getInstance();
  logRequests(instance, log);
  logTheCrowd(instance, log);
  closeConnectionsOf(instance, app.get(Drain));
  cutUnfinishedRequests(instance);
  return app;
}

/** A line a second for all that were turned away unread: a line for each would be a load of its own. */
function logTheCrowd(instance: FastifyInstance, log: Log): void {
  const { crowd } = instance;
  let turnedAway = 0;
  crowd.onTurnedAway((count) => (turnedAway += count));
  const timer = setInterval(() => {
    if (turnedAway > 0) log.warn({ turnedAway, room: Math.floor(crowd.room) }, 'overloaded');
    turnedAway = 0;
  }, 1_000);
  timer.unref();
  instance.addHook('onClose', (_instance, done) => {
    clearInterval(timer);
    done();
  });
}

/** Clients keep connections for long: while draining each answer tells them to open another one. */
function closeConnectionsOf(instance: FastifyInstance, drain: Drain): void {
  instance.addHook('onSend', (_request, reply, _payload, done) => {
    if (drain.draining) reply.header('connection', 'close');
    done();
  });
}
