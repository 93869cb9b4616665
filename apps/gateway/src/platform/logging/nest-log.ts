import type { LoggerService } from '@nestjs/common';
import type { Log } from './log.js';

/** Nest tells of each module and route that it sets up: of use to who builds, not to who operates. */
const chattyContexts = new Set([
  'InstanceLoader',
  'NestApplication',
  'NestFactory',
  'RouterExplorer',
  'RoutesResolver',
]);

/** Nest's own messages in our log: `app.useLogger(new NestLog(log))`. */
export class NestLog implements LoggerService {
  constructor(private readonly target: Log) {}

  log(message: unknown, ...rest: unknown[]): void {
    const context = contextOf(rest);
    this.write(chattyContexts.has(context ?? '') ? 'debug' : 'info', message, context, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, contextOf(rest), rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, contextOf(rest), rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, contextOf(rest), rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, contextOf(rest), rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, contextOf(rest), rest);
  }

  private write(
    level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal',
    message: unknown,
    context: string | undefined,
    rest: readonly unknown[],
  ): void {
    const error = [message, ...rest].find((part) => part instanceof Error);
    const stack = rest.find((part) => typeof part === 'string' && /\n\s+at /.test(part));
    const bindings = {
      ...(context !== undefined && { context }),
      ...(error !== undefined && { err: error }),
      ...(error === undefined && stack !== undefined && { stack }),
      ...(typeof message === 'object' && message !== error && { details: message }),
    };
    const text = typeof message === 'string' ? message : error?.message;
    this.target[level](bindings, text);
  }
}

/** Nest gives the name of the class that speaks as the last argument. */
function contextOf(rest: readonly unknown[]): string | undefined {
  const last = rest.at(-1);
  return typeof last === 'string' && !last.includes('\n') ? last : undefined;
}
