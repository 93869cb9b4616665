import { pino, type DestinationStream, type Logger } from 'pino';
import { prettyFactory } from 'pino-pretty';
import type { Configuration, LogLevel } from '../config/index.js';
import { maskBindings, maskText } from './masking.js';
import { standardOutput } from './standard-output.js';

export interface LogOptions {
  readonly level: LogLevel;
  /** `text` for people at a terminal, `json` for machines. */
  readonly format: 'json' | 'text';
  /** Receives whole lines. @default the standard output */
  readonly write?: (line: string) => void;
}

type Level = Exclude<LogLevel, 'silent'>;

/**
 * The log of the process. Every value passes through the masking, as the logger behind it is not
 * reachable: no caller has to remember what must not be logged.
 */
export class Log {
  private constructor(private readonly logger: Logger) {}

  /** The log of a process with this configuration. */
  static for(configuration: Pick<Configuration, 'environment' | 'logLevel'>): Log {
    const { environment, logLevel } = configuration;
    return Log.create({ level: logLevel, format: environment === 'production' ? 'json' : 'text' });
  }

  static create({ level, format, write }: LogOptions): Log {
    return new Log(
      pino(
        {
          level,
          base: null,
          timestamp: pino.stdTimeFunctions.isoTime,
          // Errors are masked before they come here; pino would take them apart once more.
          serializers: { err: (masked: unknown) => masked },
          formatters: { level: (label) => ({ level: label }) },
        },
        format === 'text' ? asText(write) : asJson(write),
      ),
    );
  }

  /** A log whose every line carries these bindings. */
  child(bindings: Readonly<Record<string, unknown>>): Log {
    return new Log(this.logger.child(maskBindings(bindings)));
  }

  isEnabled(level: Level): boolean {
    return this.logger.isLevelEnabled(level);
  }

  trace(bindings: object | string, message?: string): void {
    this.write('trace', bindings, message);
  }

  debug(bindings: object | string, message?: string): void {
    this.write('debug', bindings, message);
  }

  info(bindings: object | string, message?: string): void {
    this.write('info', bindings, message);
  }

  warn(bindings: object | string, message?: string): void {
    this.write('warn', bindings, message);
  }

  error(bindings: object | string, message?: string): void {
    this.write('error', bindings, message);
  }

  fatal(bindings: object | string, message?: string): void {
    this.write('fatal', bindings, message);
  }

  private write(level: Level, bindings: object | string, message?: string): void {
    if (!this.logger.isLevelEnabled(level)) return;
    if (typeof bindings === 'string') {
      this.logger[level]({}, maskText(bindings));
    } else {
      const text = message ?? (bindings instanceof Error ? bindings.message : '');
      this.logger[level](maskBindings(bindings), maskText(text));
    }
  }
}

function asJson(write: LogOptions['write']): DestinationStream {
  return write === undefined ? standardOutput() : { write };
}

function asText(write: LogOptions['write']): DestinationStream {
  const prettify = prettyFactory({
    colorize: write === undefined && process.stdout.isTTY,
    translateTime: 'SYS:HH:MM:ss.l',
    singleLine: true,
  });
  const print = write ?? ((line: string) => void process.stdout.write(line));
  return { write: (line) => print(prettify(line) ?? '') };
}
