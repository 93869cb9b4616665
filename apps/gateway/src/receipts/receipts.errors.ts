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
