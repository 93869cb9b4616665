import { AppError, defineProblem } from '../platform/errors/index.js';

export class CursorTooOld extends AppError {
  static readonly problem = defineProblem({
    code: 'cursor_too_old',
    status: 410,
    title: 'Cursor too old',
    meaning:
      'The feed does not hold what comes after the cursor any more: it keeps 30 days. Or the cursor is of a feed that was put back to an earlier state with the database.',
    action:
      'Read what you have missed from `GET /v1/messages`, and begin again without `after`: with the oldest event that is kept.',
  });
  constructor() {
    super(CursorTooOld.problem, {
      pointer: '/after',
      detail: 'The feed does not hold what comes after this cursor any more.',
    });
  }
}

/** Seconds. */
const comeAgainIn = '1';

export class TooManyWaiting extends AppError {
  static readonly problem = defineProblem({
    code: 'too_many_waiting',
    status: 429,
    title: 'Too many requests wait for events',
    meaning: 'The tenant has as many requests waiting for events at this process as it may.',
    action:
      'Follow the feed from one place, or leave out `wait_seconds`. Ask again after Retry-After.',
  });
  constructor(most: number) {
    super(TooManyWaiting.problem, {
      detail: `${most} of your requests wait for events here already.`,
      headers: { 'retry-after': comeAgainIn },
    });
  }
}
