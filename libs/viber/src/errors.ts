import type { ViberAnswer, ViberRateLimit } from './answer.js';

/** What is known about the message after a call that did not succeed. */
export type ViberKnowledge = 'not_sent' | 'refused' | 'unknown';

/**
 * Any call that did not succeed. The class says what is known, which is what decides whether the call
 * may be made again. Messages carry no text, number or key; `answer` may, and is never enumerated.
 */
export abstract class ViberError extends Error {
  abstract readonly knowledge: ViberKnowledge;
  readonly #answer: ViberAnswer | null;

  constructor(message: string, answer: ViberAnswer | null) {
    super(message);
    this.name = new.target.name;
    this.#answer = answer;
  }

  /** The answer that the error was read from, or null where none came to its end. */
  get answer(): ViberAnswer | null {
    return this.#answer;
  }
}

/** The provider looked at the message and will not take it: code 1 or status 400. Do not repeat it. */
export class ViberRefused extends ViberError {
  readonly knowledge = 'refused';

  constructor(
    answer: ViberAnswer,
    /** The wire's name of the parameter that is at fault, where the provider names one. */
    readonly parameter: string | null,
    /**
     * True where HTTP refused it (413, 415, or a 400 without the provider's own error body), which says
     * more about the way there than about the message.
     */
    readonly transport: boolean,
  ) {
    super(
      parameter
        ? `The provider refused the parameter ${parameter}.`
        : `The provider refused the request (HTTP ${answer.httpStatus}).`,
      answer,
    );
  }
}

/** Too many requests for this key. Not sent: slow down and send again. */
export class ViberRateLimited extends ViberError {
  readonly knowledge = 'not_sent';

  constructor(
    answer: ViberAnswer,
    /** From Retry-After; null where the provider did not say. */
    readonly retryAfterMs: number | null,
  ) {
    super('The provider limits the rate of this key.', answer);
  }

  get rateLimit(): ViberRateLimit | null {
    return this.answer?.rateLimit ?? null;
  }
}

/** The key's balance is empty. Not sent: send again once it is topped up. */
export class ViberBalanceEmpty extends ViberError {
  readonly knowledge = 'not_sent';

  constructor(answer: ViberAnswer) {
    super("The key's balance at the provider is empty.", answer);
  }
}

/** The key is wrong. Not sent. `answer` is null for a key that no header can carry. */
export class ViberUnauthorized extends ViberError {
  readonly knowledge = 'not_sent';

  constructor(answer: ViberAnswer | null) {
    super('The provider does not accept the key.', answer);
  }
}

/** The base URL leads elsewhere: 404, 405 or a redirect. Not sent. */
export class ViberWrongAddress extends ViberError {
  readonly knowledge = 'not_sent';

  constructor(answer: ViberAnswer) {
    super(`The base URL is not that of the provider (HTTP ${answer.httpStatus}).`, answer);
  }
}

export type ViberNotReachedReason =
  /** The name of the host was not found. */
  | 'dns'
  /** No connection, or one that broke before anything was written. */
  | 'connect'
  | 'tls'
  /** The deadline passed before anything was written. */
  | 'timeout'
  /** `mayWrite` said no. */
  | 'not_allowed'
  /** The client was closed. */
  | 'closed';

/** Not a single byte was written. Not sent. */
export class ViberNotReached extends ViberError {
  readonly knowledge = 'not_sent';

  constructor(
    readonly reason: ViberNotReachedReason,
    /** Such as ECONNREFUSED. */
    readonly code: string | null = null,
  ) {
    super(`The provider was not reached (${code ?? reason}).`, null);
  }
}

export type ViberUnknownReason =
  /** The deadline passed after the request was written. */
  | 'timeout'
  /** The connection ended before an answer began. */
  | 'reset'
  /** The connection ended within the answer. */
  | 'half_answer'
  /** 5xx, or the provider's code 2. */
  | 'server_error'
  /** A good status without a readable id or status in the body, or an answer that is not HTTP. */
  | 'unreadable_answer'
  | 'answer_too_large'
  /** An error code that nobody has documented. */
  | 'unknown_error_code'
  /** A status that nobody has documented. */
  | 'unexpected_status'
  /** An answer that says two things at once, or speaks of another message. */
  | 'contradictory_answer';

/** Bytes were written and the answer does not tell what became of them. It may have been sent. */
export class ViberOutcomeUnknown extends ViberError {
  readonly knowledge = 'unknown';

  constructor(
    readonly reason: ViberUnknownReason,
    answer: ViberAnswer | null,
    /** Such as ECONNRESET. */
    readonly code: string | null = null,
  ) {
    super(`Nobody knows whether the provider took the request (${reason}).`, answer);
  }
}
