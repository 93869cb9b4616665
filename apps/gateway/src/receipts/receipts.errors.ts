import { AppError, defineProblem } from '../platform/errors/index.js';

export class CallbackNotReadable extends AppError {
  static readonly problem = defineProblem({
    code: 'callback_not_readable',
    status: 400,
    title: 'Callback not readable',
    meaning: 'The body is neither a status nor a reply of a form that is known.',
    action: 'For the provider: send the documented JSON.',
  });
  constructor(reason: string) {
    super(CallbackNotReadable.problem, { detail: `The callback could not be read: ${reason}.` });
  }
}

export class ReplyOfAnotherTenant extends AppError {
  static readonly problem = defineProblem({
    code: 'reply_of_another_tenant',
    status: 422,
    title: 'Reply of another tenant',
    meaning:
      'The reply came over a connection that a tenant owns: it is that tenant’s, and only its account is not known.',
    action: 'Name the tenant that the list shows beside the reply, and one of its accounts.',
  });
  constructor() {
    super(ReplyOfAnotherTenant.problem, {
      detail: 'The reply is the one of the tenant that owns its connection.',
      pointer: '/tenant_id',
    });
  }
}
