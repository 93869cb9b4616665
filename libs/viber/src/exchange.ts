import type { Dispatcher } from 'undici';
import type { ViberNotReachedReason } from './errors.js';

/** How one HTTP exchange ended. */
export type ExchangeEnd =
  | {
      kind: 'answered';
      httpStatus: number;
      headers: AnswerHeaders;
      body: string;
      /** False where the body was larger than allowed and its rest was not read. */
      whole: boolean;
    }
  /** Not a single byte was written, and none will be. */
  | { kind: 'not written'; reason: ViberNotReachedReason; code: string | null }
  /** Bytes may have been written; no whole answer came. */
  | {
      kind: 'torn';
      reason: 'timeout' | 'reset' | 'half_answer' | 'unreadable_answer';
      code: string | null;
    };

export type AnswerHeaders = Readonly<Record<string, string | string[] | undefined>>;

export interface ExchangeTerms {
  /** Over the whole call: waiting for a socket, connecting, writing, answering. */
  timeoutMs: number;
  maxAnswerBytes: number;
  /** Asked right before writing. */
  mayWrite: (() => boolean) | undefined;
}

/**
 * One request on undici's dispatch, from hand-over to its one and only end.
 *
 * `written` is the point of no return. undici calls `onRequestStart` once it has a connected socket
 * (TLS included) and writes the request synchronously after it returned; what throws inside it is
 * never written, and the socket stays as it was. So "not written" is proven before that call has
 * returned, and "maybe written" ever after: the kernel does not tell what has left it.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  private written = false;
  private ended = false;
  private controller: Dispatcher.DispatchController | undefined;
  private httpStatus = 0;
  private headers: AnswerHeaders = {};
  private chunks: Buffer[] = [];
  private receivedBytes = 0;
  private readonly deadline: NodeJS.Timeout;

  constructor(
    private readonly terms: ExchangeTerms,
    private readonly onEnd: (end: ExchangeEnd) => void,
  ) {
    this.deadline = setTimeout(() => this.giveUp(), terms.timeoutMs);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Too late, or a second time: undici's queue may bring back a request whose socket went away.
    if (this.ended || this.written) throw new NotToBeWritten();
    if (!this.isAllowed()) {
      this.end({ kind: 'not written', reason: 'not_allowed', code: null });
      throw new NotToBeWritten();
    }
    this.written = true;
    this.controller = controller;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    httpStatus: number,
    headers: AnswerHeaders,
  ): void {
    this.httpStatus = httpStatus;
    this.headers = headers;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.ended) return;
    this.receivedBytes += chunk.length;
    this.chunks.push(chunk);
    if (this.receivedBytes > this.terms.maxAnswerBytes) {
      this.answer(false);
      controller.abort(new Error('answer too large'));
    }
  }

  onResponseEnd(): void {
    this.answer(true);
  }

  onResponseError(_controller: unknown, error: Error): void {
    const code = codeOf(error);
    if (!this.written) {
      this.end({ kind: 'not written', reason: notWrittenReason(code), code });
    } else {
      this.end({ kind: 'torn', reason: this.tornReason(error), code });
    }
  }

  private isAllowed(): boolean {
    try {
      return this.terms.mayWrite?.() ?? true;
    } catch {
      // Whoever cannot say that it may write may not.
      return false;
    }
  }

  private giveUp(): void {
    if (!this.written) {
      this.end({ kind: 'not written', reason: 'timeout', code: null });
      return;
    }
    this.end({ kind: 'torn', reason: 'timeout', code: null });
    this.controller?.abort(new Error('deadline'));
  }

  private answer(whole: boolean): void {
    const [first] = this.chunks;
    const body = this.chunks.length === 1 && first ? first : Buffer.concat(this.chunks);
    this.end({
      kind: 'answered',
      httpStatus: this.httpStatus,
      headers: this.headers,
      body: body.toString('utf8', 0, this.terms.maxAnswerBytes),
      whole,
    });
  }

  private tornReason(error: Error): 'reset' | 'half_answer' | 'unreadable_answer' {
    if (this.httpStatus >= 200) return 'half_answer';
    return unreadable.has(error.name) ? 'unreadable_answer' : 'reset';
  }

  private end(end: ExchangeEnd): void {
    if (this.ended) return;
    this.ended = true;
    clearTimeout(this.deadline);
    this.onEnd(end);
  }
}

/** undici's names for an answer that is not HTTP/1.1, or whose head is too large. */
const unreadable: ReadonlySet<string> = new Set(['HTTPParserError', 'HeadersOverflowError']);

/** Thrown inside `onRequestStart` to keep a request off the wire; it never leaves the exchange. */
class NotToBeWritten extends Error {}

function codeOf(error: Error): string | null {
  return 'code' in error && typeof error.code === 'string' ? error.code : null;
}

function notWrittenReason(code: string | null): ViberNotReachedReason {
  if (code === null) return 'connect';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'dns';
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') return 'timeout';
  if (code === 'UND_ERR_CLOSED' || code === 'UND_ERR_DESTROYED') return 'closed';
  return isTlsCode(code) ? 'tls' : 'connect';
}

function isTlsCode(code: string): boolean {
  return /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_|EPROTO)/.test(code);
}
