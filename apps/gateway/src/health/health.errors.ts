import { AppError, defineProblem } from '../platform/errors/index.js';

export class NotReady extends AppError {
  static readonly problem = defineProblem({
    code: 'not_ready',
    status: 503,
    title: 'Not ready',
    meaning:
      'This process should get no requests: it is draining, or its database is unreachable or lacks a migration. `checks` tells which.',
    action: 'Send requests to another replica; ask again in a few seconds.',
  });

  /** @param checks the state of each part, without what only the log may tell */
  constructor(checks: Readonly<Record<string, unknown>>) {
    super(NotReady.problem, {
      detail: 'This process should get no requests now.',
      headers: { 'retry-after': '1' },
      extra: { checks },
    });
  }
}
