import { ApiError, ConnectionFailed, type Problem } from './api-error.js';
import { errorsByCode } from './generated/errors.js';

export interface TyrianOptions {
  /** Where the gateway is, such as `https://viber.example`. */
  readonly baseUrl: string;
  /** `tyr_live_…` */
  readonly apiKey: string;
  /** How often a request is repeated that may have failed for the moment. @default 4 */
  readonly retries?: number;
  /** How long one attempt may take, in milliseconds; a wait for events comes on top. @default 10,000 */
  readonly timeoutMs?: number;
  /** @default the global one */
  readonly fetch?: typeof fetch;
}

export interface Call {
  readonly method: string;
  /** From the first `/` on, with its query. */
  readonly path: string;
  readonly body?: unknown;
  readonly idempotencyKey?: string | undefined;
  /** Whether a second request does no more than the first: one that reads, or one under an idempotency key. */
  readonly isRepeatable: boolean;
  readonly signal?: AbortSignal | undefined;
  /** On top of the attempt's own time. @default 0 */
  readonly waitsMs?: number;
}

/** Codes that say that nothing was done. Any request may be repeated after them. */
const nothingDone = new Set([
  'too_many_requests',
  'too_many_waiting',
  'overloaded',
  'database_unavailable',
]);
/** Statuses that a later request may not meet again. */
const passing = new Set([408, 425, 429, 502, 503, 504]);

const firstPauseMs = 200;
const longestPauseMs = 10_000;

/** Calls the gateway, and again where that is safe. */
export class Transport {
  private readonly baseUrl: string;
  private readonly fetch: typeof fetch;

  constructor(private readonly options: TyrianOptions) {
    this.baseUrl = options.baseUrl.replace(/\/+$/, '');
    // Browsers refuse a fetch that was taken off the window.
    this.fetch = options.fetch ?? ((input, init) => fetch(input, init));
  }

  async send<Answer>(call: Call): Promise<Answer> {
    const retries = this.options.retries ?? 4;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.attempt<Answer>(call);
      } catch (error) {
        call.signal?.throwIfAborted();
        if (attempt >= retries || !mayRepeat(call, error)) throw error;
        await sleep(pauseMs(attempt, error), call.signal);
      }
    }
  }

  private async attempt<Answer>(call: Call): Promise<Answer> {
    const timeoutMs = (this.options.timeoutMs ?? 10_000) + (call.waitsMs ?? 0);
    const timer = new AbortController();
    const timeout = setTimeout(
      () => timer.abort(new Error(`no answer within ${timeoutMs} ms`)),
      timeoutMs,
    );
    const abort = (): void => timer.abort(call.signal?.reason);
    call.signal?.addEventListener('abort', abort);
    let response: Response;
    let text: string;
    try {
      call.signal?.throwIfAborted();
      response = await this.fetch(this.baseUrl + call.path, {
        method: call.method,
        headers: this.headersOf(call),
        signal: timer.signal,
        redirect: 'error',
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      });
      text = await response.text();
    } catch (error) {
      throw new ConnectionFailed(`${call.method} ${call.path} got no answer`, error);
    } finally {
      clearTimeout(timeout);
      call.signal?.removeEventListener('abort', abort);
    }
    if (!response.ok) throw errorOf(response, text);
    return answerOf(call, text) as Answer;
  }

  private headersOf({ body, idempotencyKey }: Call): Record<string, string> {
    return {
      accept: 'application/json',
      authorization: `Bearer ${this.options.apiKey}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
    };
  }
}

function answerOf({ method, path }: Call, text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch (error) {
    // Such as the page of a network that wants its users to sign in.
    throw new ConnectionFailed(`${method} ${path} was answered by somebody else`, error);
  }
}

/** Resolves after a while, or rejects with the reason of the signal. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, ms);
    const abort = (): void => {
      clearTimeout(timer);
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors
      reject(signal?.reason);
    };
    function done(): void {
      signal?.removeEventListener('abort', abort);
      resolve();
    }
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}

function errorOf(response: Response, text: string): ApiError {
  const problem = problemOf(text) ?? {
    code: `http_${response.status}`,
    status: response.status,
    title: 'Not an answer of the gateway',
    detail: `The answer was ${response.status} without a problem: somebody between may have given it.`,
  };
  const known = Object.hasOwn(errorsByCode, problem.code)
    ? errorsByCode[problem.code as keyof typeof errorsByCode]
    : ApiError;
  const error = new known(problem, response.headers.get('x-request-id'));
  retryAfter.set(error, Number(response.headers.get('retry-after')) * 1_000 || 0);
  return error;
}

function problemOf(text: string): Problem | null {
  try {
    const read = JSON.parse(text) as Partial<Problem> | null;
    return typeof read?.code === 'string' && typeof read.status === 'number'
      ? (read as Problem)
      : null;
  } catch {
    return null;
  }
}

function mayRepeat(call: Call, error: unknown): boolean {
  if (error instanceof ConnectionFailed) return call.isRepeatable;
  if (!(error instanceof ApiError)) return false;
  if (nothingDone.has(error.code)) return true;
  if (!call.isRepeatable) return false;
  return passing.has(error.status) || error.code === 'idempotency_in_progress';
}

/** Milliseconds that the answer asked to wait for. */
const retryAfter = new WeakMap<object, number>();

/** Doubling, with jitter: callers that failed together do not come again together. */
function pauseMs(attempt: number, error: unknown): number {
  const asked = retryAfter.get(error as object) ?? 0;
  const ceiling = Math.min(longestPauseMs, firstPauseMs * 2 ** attempt);
  return Math.max(asked, ceiling / 2 + (Math.random() * ceiling) / 2);
}
