import { AppError } from './app-error.js';
import { defineProblem } from './problem.js';

const RETRY_AFTER_SECONDS = '1';

/** Anything that nobody foresaw. The client learns no detail; the log has the stack. */
export class InternalError extends AppError {
  static readonly problem = defineProblem({
    code: 'internal_error',
    status: 500,
    title: 'Internal error',
    meaning: 'A fault of the gateway, logged with the request id of the X-Request-Id header.',
    action:
      'Try again with the same Idempotency-Key. If it stays, give the request id to your operator.',
  });

  constructor(cause?: unknown) {
    super(InternalError.problem, {
      detail: 'The gateway failed. Give the request id to your operator.',
      cause,
    });
  }
}

export class DatabaseUnavailable extends AppError {
  static readonly problem = defineProblem({
    code: 'database_unavailable',
    status: 503,
    title: 'Database unavailable',
    meaning: 'The database does not answer, or not in time. Nothing was done.',
    action: 'Send the request anew after the seconds in Retry-After.',
  });

  constructor(cause?: unknown) {
    super(DatabaseUnavailable.problem, {
      detail: 'The database does not answer. Nothing was done.',
      headers: { 'retry-after': RETRY_AFTER_SECONDS },
      cause,
    });
  }
}

export class Overloaded extends AppError {
  static readonly problem = defineProblem({
    code: 'overloaded',
    status: 503,
    title: 'Overloaded',
    meaning: 'More requests wait than the gateway takes. Nothing was done.',
    action: 'Send the request anew after the seconds in Retry-After, and slow down.',
  });

  constructor(cause?: unknown) {
    super(Overloaded.problem, {
      detail: 'Too many requests wait already. Nothing was done.',
      headers: { 'retry-after': RETRY_AFTER_SECONDS },
      cause,
    });
  }
}

/** The database went away during COMMIT. A time-out is not a failure: the change may stand. */
export class OutcomeUnknown extends AppError {
  static readonly problem = defineProblem({
    code: 'outcome_unknown',
    status: 503,
    title: 'Outcome unknown',
    meaning:
      'The database went away while it confirmed the change, which may stand or not. Where the object would be new, `id` names it.',
    action: 'Read the object, or send the request anew with the same Idempotency-Key.',
  });

  /** @param id shown id of the object that the request may have made */
  constructor(id: string | null = null, cause?: unknown) {
    super(OutcomeUnknown.problem, {
      detail: 'The database did not confirm in time: the change may stand or not.',
      headers: { 'retry-after': RETRY_AFTER_SECONDS },
      extra: id === null ? {} : { id },
      cause,
    });
  }
}
