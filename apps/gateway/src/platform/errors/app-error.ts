import { problemType, type FieldError, type Problem, type ProblemDefinition } from './problem.js';

export interface AppErrorOptions {
  /** For people; must hold neither a secret nor a text or a number of a recipient. @default the problem's title */
  readonly detail?: string;
  /** JSON pointer of the one field that is to blame; appears in `errors`. */
  readonly pointer?: string;
  readonly errors?: readonly FieldError[];
  /** Headers of the answer, such as Retry-After. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Further members of the problem's body. */
  readonly extra?: Readonly<Record<string, unknown>>;
  /** For the log only. */
  readonly cause?: unknown;
}

/**
 * An error that a client is told of by its code. A feature names its own and keeps its definition in
 * `static readonly problem`; the mapping to HTTP happens in one place.
 */
export abstract class AppError extends Error {
  readonly detail: string;
  readonly pointer: string | undefined;
  readonly errors: readonly FieldError[] | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly extra: Readonly<Record<string, unknown>>;

  protected constructor(
    readonly problem: ProblemDefinition,
    options: AppErrorOptions = {},
  ) {
    const detail = options.detail ?? `${problem.title}.`;
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.detail = detail;
    this.pointer = options.pointer;
    this.errors = options.errors;
    this.headers = options.headers ?? {};
    this.extra = options.extra ?? {};
  }

  get code(): string {
    return this.problem.code;
  }

  get status(): number {
    return this.problem.status;
  }

  /** The body of the answer, also of a refused entry in a batch. */
  toProblem(): Problem {
    const { code, status, title } = this.problem;
    const errors = this.errors ?? this.errorsOfPointer();
    return {
      ...this.extra,
      type: problemType(code),
      title,
      status,
      code,
      detail: this.detail,
      ...(errors === undefined ? {} : { errors }),
    };
  }

  // One place for clients to look at, whether one field is wrong or five.
  private errorsOfPointer(): FieldError[] | undefined {
    if (this.pointer === undefined) return undefined;
    return [{ pointer: this.pointer, code: this.problem.code, detail: this.detail }];
  }
}

/** A class of errors with its row in the table: what `@ApiProblems` takes. */
export interface AppErrorClass {
  readonly name: string;
  readonly problem: ProblemDefinition;
}
