import { AppError, defineProblem } from '../platform/errors/index.js';

export class AccountHasOpenWork extends AppError {
  static readonly problem = defineProblem({
    code: 'account_has_open_work',
    status: 409,
    title: 'Account has open work',
    meaning: 'Messages of the account are queued, scheduled or on the wire.',
    action:
      'Wait until they are sent, or repeat with `force=true`, which expires what is queued and scheduled.',
  });

  constructor() {
    super(AccountHasOpenWork.problem, {
      detail: 'Messages of the account are queued, scheduled or on the wire.',
    });
  }
}

export class AccountPausedByOperator extends AppError {
  static readonly problem = defineProblem({
    code: 'account_paused_by_operator',
    status: 409,
    title: 'Paused by the operator',
    meaning: 'The operator has paused the account, and only the operator can resume it.',
    action: 'Talk to the operator.',
  });

  constructor() {
    super(AccountPausedByOperator.problem, {
      detail: 'The operator has paused the account, and only the operator can resume it.',
    });
  }
}

export class DefaultSenderNotListed extends AppError {
  static readonly problem = defineProblem({
    code: 'default_sender_not_listed',
    status: 422,
    title: 'Default sender not listed',
    meaning: 'The account lists its senders, and the default one is not among them.',
    action: 'Add it to `senders`, or choose one of them.',
  });

  constructor() {
    super(DefaultSenderNotListed.problem, {
      detail: 'default_sender must be one of senders.',
      pointer: '/default_sender',
    });
  }
}
