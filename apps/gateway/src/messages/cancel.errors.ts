import { AppError, defineProblem } from '../platform/errors/index.js';

export class AlreadySending extends AppError {
  static readonly problem = defineProblem({
    code: 'already_sending',
    status: 409,
    title: 'Already being sent',
    meaning: 'The message is on its way to the provider at this moment; it cannot be called back.',
    action: 'Read the message again in a few seconds to learn its status.',
  });
  constructor() {
    super(AlreadySending.problem, { detail: 'The message is being sent at this moment.' });
  }
}

export class MessageNotCancellable extends AppError {
  static readonly problem = defineProblem({
    code: 'message_not_cancellable',
    status: 409,
    title: 'Message not cancellable',
    meaning: 'The message has been sent, may have been sent, or has come to its end.',
    action: 'Nothing to do: a message can be cancelled only before it is sent.',
  });
  constructor(status: string) {
    super(MessageNotCancellable.problem, { detail: `The message is already ${status}.` });
  }
}
