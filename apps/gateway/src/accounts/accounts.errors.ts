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

export class AccountManaged extends AppError {
  static readonly problem = defineProblem({
    code: 'account_managed',
    status: 409,
    title: 'Account managed by the operator',
    meaning:
      'The operator made the account on a shared connection (`managed`), and only the operator can change or delete it.',
    action: 'Talk to the operator. Pausing and resuming it is up to you.',
  });

  constructor() {
    super(AccountManaged.problem, { detail: 'The account is managed by the operator.' });
  }
}

export class AccountNotManaged extends AppError {
  static readonly problem = defineProblem({
    code: 'account_not_managed',
    status: 409,
    title: 'Account of the tenant',
    meaning: 'The tenant made the account with a provider key of its own; it alone changes it.',
    action:
      'Leave it to the tenant, or pause its lane with `POST /admin/lanes/{account_id}/pause`.',
  });

  constructor() {
    super(AccountNotManaged.problem, { detail: 'The account is the tenant’s own.' });
  }
}

export class ConnectionNotShared extends AppError {
  static readonly problem = defineProblem({
    code: 'connection_not_shared',
    status: 409,
    title: 'Connection of a tenant',
    meaning: 'A tenant owns the connection: others cannot send over it, and it alone changes it.',
    action: 'Make a connection of the operator’s with `POST /admin/connections`.',
  });

  constructor(pointer?: string) {
    super(ConnectionNotShared.problem, {
      detail: 'The connection belongs to a tenant.',
      ...(pointer === undefined ? {} : { pointer }),
    });
  }
}

export class ConnectionUnknown extends AppError {
  static readonly problem = defineProblem({
    code: 'connection_unknown',
    status: 422,
    title: 'Connection unknown',
    meaning: 'There is no such connection.',
    action: 'List the connections with `GET /admin/connections?shared=true`.',
  });

  constructor(pointer: string) {
    super(ConnectionUnknown.problem, { pointer, detail: 'There is no such connection.' });
  }
}
