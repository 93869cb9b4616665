import type { FieldError } from './generated/types.js';

/** What the gateway says about an error, after RFC 9457. */
export interface Problem {
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly errors?: readonly FieldError[];
}

/** The gateway, or somebody on the way to it, refused a request. There is a class for each code. */
export class ApiError extends Error {
  /** Stable, such as `sender_not_allowed`; `http_502` where somebody on the way answered. */
  readonly code: string;
  /** Of HTTP. */
  readonly status: number;
  /** The fields that are to blame. */
  readonly errors: readonly FieldError[];
  /** Names the request in the gateway's log; null where the answer had none. */
  readonly requestId: string | null;

  constructor(problem: Problem, requestId: string | null) {
    const fields = (problem.errors ?? []).map(({ pointer, detail }) => ` ${pointer}: ${detail}`);
    super([`${problem.code}: ${problem.detail}`, ...fields].join('\n'));
    this.name = new.target.name;
    this.code = problem.code;
    this.status = problem.status;
    this.errors = problem.errors ?? [];
    this.requestId = requestId;
  }
}

/** No answer came: nobody was reached, the connection broke, or the time was over. `cause` says which. */
export class ConnectionFailed extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'ConnectionFailed';
  }
}
