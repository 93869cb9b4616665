import { randomBytes } from 'node:crypto';
import { callbackShapeNames } from './wire-modes.js';
import type { CallbackShape, HttpStatusMode } from './wire-modes.js';

/** All that can be set. Times are in the unit that the name ends in. */
export class SandboxConfig {
  host = '127.0.0.1';
  /** 0 takes a free one. */
  port = 8090;
  /** Decides ids, delays and random faults. A random one unless given, so that ids differ from run to run. */
  seed = randomBytes(8).toString('hex');
  httpStatus: HttpStatusMode = '200';
  /** Requests and decisions are appended here as NDJSON before they are answered. Empty: memory only. */
  journalFile = '';
  /** Entries kept in memory; the oldest are forgotten first. The file keeps all. */
  journalLimit = 1_000_000;
  /** Memory for these entries, in MiB. */
  journalMemoryMib = 256;
  /** Accepted messages kept; the oldest are forgotten first, like after five days. */
  messagesLimit = 300_000;
  /** Every answer of the two provider routes waits this long. */
  latencyMs = 0;
  /** Answers of the fate `slow` wait this long. */
  slowAnswerMs = 3_000;
  /** Time from acceptance to the final status, give or take a fifth by the seed. */
  deliveryMs = 300;
  /** Keys that are accepted. Empty: every key is. */
  keys: readonly string[] = [];
  /** Requests per second of each key, sends and status requests together. 0: no limit. */
  rateLimit = 0;
  callbackShape: CallbackShape = 'json';
  callbackTimeoutMs = 10_000;
  /** Sockets per origin that callbacks go to. */
  callbackConnections = 64;
  /** Only an answer with this HTTP status counts as taken. 0: any of 2xx. */
  callbackTakenStatus = 0;
  /** Only an answer with this very body counts as taken, blanks around it aside. Empty: any. */
  callbackTakenBody = '';
  /** Waiting times before a callback that was not taken is tried again. Empty: it never is. */
  callbackRetrySeconds: readonly number[] = [1, 2, 4, 8, 16, 32, 64, 128, 256];
  /** How long an idle connection stays open. */
  keepAliveMs = 72_000;
}

export class InvalidSandboxConfig extends Error {}

/** Defaults and what is given over them. Throws InvalidSandboxConfig with a sentence that names the setting. */
export function sandboxConfig(given: Partial<SandboxConfig> = {}): SandboxConfig {
  const config = Object.assign(new SandboxConfig(), withoutUndefined(given));
  const whole = (name: keyof SandboxConfig, min: number, max: number) => {
    const value = config[name];
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max)
      return;
    throw new InvalidSandboxConfig(`${name} must be a whole number from ${min} to ${max}.`);
  };
  whole('port', 0, 65_535);
  whole('journalLimit', 1, 100_000_000);
  whole('journalMemoryMib', 1, 65_536);
  whole('messagesLimit', 1, 100_000_000);
  whole('latencyMs', 0, 600_000);
  whole('slowAnswerMs', 0, 600_000);
  whole('deliveryMs', 0, 86_400_000);
  whole('rateLimit', 0, 1_000_000);
  whole('callbackTimeoutMs', 1, 600_000);
  whole('callbackConnections', 1, 10_000);
  if (config.callbackTakenStatus !== 0) whole('callbackTakenStatus', 100, 599);
  whole('keepAliveMs', 1, 3_600_000);
  if (config.httpStatus !== '200' && config.httpStatus !== 'real') {
    throw new InvalidSandboxConfig('httpStatus must be 200 or real.');
  }
  if (!callbackShapeNames.includes(config.callbackShape)) {
    throw new InvalidSandboxConfig(
      `callbackShape must be one of ${callbackShapeNames.join(', ')}.`,
    );
  }
  if (!config.callbackRetrySeconds.every((seconds) => Number.isFinite(seconds) && seconds >= 0)) {
    throw new InvalidSandboxConfig(
      'callbackRetrySeconds must be numbers of seconds, separated by commas, or none.',
    );
  }
  return config;
}

/** The same from environment variables: `journalFile` is SANDBOX_JOURNAL_FILE, and so on. */
export function sandboxConfigFromEnvironment(env: NodeJS.ProcessEnv): SandboxConfig {
  const given: Record<string, unknown> = {};
  for (const [name, byDefault] of Object.entries(new SandboxConfig())) {
    const text = env[variableFor(name)];
    if (text === undefined || text === '') continue;
    given[name] = read(text, byDefault, name);
  }
  try {
    return sandboxConfig(given);
  } catch (error) {
    if (!(error instanceof InvalidSandboxConfig)) throw error;
    throw new InvalidSandboxConfig(error.message.replace(/^\w+/, variableFor));
  }
}

/** `rateLimit` -> SANDBOX_RATE_LIMIT */
export function variableFor(name: string): string {
  return `SANDBOX_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

function read(text: string, byDefault: unknown, name: string): unknown {
  if (typeof byDefault === 'number') return text.trim() === '' ? NaN : Number(text);
  if (!Array.isArray(byDefault)) return text;
  if (name === 'callbackRetrySeconds' && text.trim() === 'none') return [];
  const parts = text.split(',').map((part) => part.trim());
  return name === 'callbackRetrySeconds' ? parts.map(Number) : parts.filter((part) => part !== '');
}

function withoutUndefined<T extends object>(given: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as Partial<T>;
}
