import type { Pause } from '../accounts/index.js';
import { AppError, defineProblem } from '../platform/errors/index.js';

export class AccountRequired extends AppError {
  static readonly problem = defineProblem({
    code: 'account_required',
    status: 422,
    title: 'Account required',
    meaning: 'It does not follow from the request over which account the message should go.',
    action: 'Give `account_id`, or a `sender` that stands in the senders of exactly one account.',
  });

  constructor(pointer: string, detail: string) {
    super(AccountRequired.problem, { pointer, detail });
  }
}

export class AccountPaused extends AppError {
  static readonly problem = defineProblem({
    code: 'account_paused',
    status: 409,
    title: 'Account paused',
    meaning:
      'Nothing goes out of the account at present, and it is set to refuse messages meanwhile (`when_paused`). Nothing was stored.',
    action:
      'Take another way, or come back once the account is active. Its `pause` tells who holds it, why and since when.',
  });

  /** @param pause who holds the account, and why */
  constructor(pointer: string, { by, reason }: Pick<Pause, 'by' | 'reason'>) {
    const why = by === 'provider' ? `by the provider: ${reason ?? 'no reason'}` : `by the ${by}`;
    super(AccountPaused.problem, { pointer, detail: `The account is paused ${why}.` });
  }
}

export class SenderRequired extends AppError {
  static readonly problem = defineProblem({
    code: 'sender_required',
    status: 422,
    title: 'Sender required',
    meaning: 'The message names no sender, and its account has no default one.',
    action: 'Give `sender`, or set `default_sender` on the account.',
  });

  constructor(pointer: string) {
    super(SenderRequired.problem, { pointer, detail: 'The account has no default sender.' });
  }
}

export class SenderNotAllowed extends AppError {
  static readonly problem = defineProblem({
    code: 'sender_not_allowed',
    status: 422,
    title: 'Sender not allowed',
    meaning: 'The account lists its senders, and this one is not among them.',
    action: 'Use one of the account’s senders, or add this one to them.',
  });

  constructor(pointer: string) {
    super(SenderNotAllowed.problem, {
      pointer,
      detail: 'The sender is not among the senders of the account.',
    });
  }
}

export class CategoryRequired extends AppError {
  static readonly problem = defineProblem({
    code: 'category_required',
    status: 422,
    title: 'Category required',
    meaning:
      'The category decides the charge; the message names none and its account has no default.',
    action: 'Give `category`, or set `default_category` on the account.',
  });

  constructor(pointer: string) {
    super(CategoryRequired.problem, {
      pointer,
      detail: 'The category is promotional or transactional; the account has no default.',
    });
  }
}

export class ContentNotAllowed extends AppError {
  static readonly problem = defineProblem({
    code: 'content_not_allowed',
    status: 422,
    title: 'Content not allowed',
    meaning: 'No message type of the provider carries this combination of fields.',
    action: 'Compare the fields with the table of message types in docs/sending.md.',
  });

  constructor(pointer: string, detail: string) {
    super(ContentNotAllowed.problem, { pointer, detail });
  }
}

export class SendAtPast extends AppError {
  static readonly problem = defineProblem({
    code: 'send_at_past',
    status: 422,
    title: 'Time lies in the past',
    meaning: '`send_at` lies more than a minute in the past.',
    action:
      'Give a time ahead, or leave `send_at` out to send now. Check the offset and the clock.',
  });

  constructor(pointer: string) {
    super(SendAtPast.problem, { pointer, detail: 'send_at lies in the past.' });
  }
}

export class SendAtTooFar extends AppError {
  static readonly problem = defineProblem({
    code: 'send_at_too_far',
    status: 422,
    title: 'Time lies too far ahead',
    meaning: '`send_at` lies more than 30 days ahead.',
    action: 'Keep the message yourself until it is due within 30 days.',
  });

  constructor(pointer: string) {
    super(SendAtTooFar.problem, { pointer, detail: 'send_at lies more than 30 days ahead.' });
  }
}

export class InvalidIdempotencyKey extends AppError {
  static readonly problem = defineProblem({
    code: 'invalid_idempotency_key',
    status: 400,
    title: 'Invalid idempotency key',
    meaning: 'The Idempotency-Key header is not 1 to 255 visible ASCII characters.',
    action: 'Send one short key for each request, such as a UUID.',
  });

  constructor() {
    super(InvalidIdempotencyKey.problem, {
      pointer: '/Idempotency-Key',
      detail: 'An idempotency key is 1 to 255 visible ASCII characters.',
    });
  }
}

export class IdempotencyKeyForgotten extends AppError {
  static readonly problem = defineProblem({
    code: 'idempotency_key_forgotten',
    status: 409,
    title: 'Idempotency key forgotten',
    meaning:
      'A batch was repeated under its key, but the older key of one of its messages is no longer kept.',
    action:
      'Find the message by its client reference. Repeat a batch within 7 days of its oldest key.',
  });

  constructor() {
    super(IdempotencyKeyForgotten.problem, {
      detail: 'The key of this message is no longer kept, so its id is not known here.',
    });
  }
}
