import { AppError, defineProblem } from '../platform/errors/index.js';

/** What waits now is written, or refused, by then. */
const retryAfterSeconds = '1';

export class TooManyRequests extends AppError {
  static readonly problem = defineProblem({
    code: 'too_many_requests',
    status: 429,
    title: 'Too many requests',
    meaning:
      'The tenant has more messages under way to the database than it may. Nothing was done. RateLimit-Limit tells how many it may have, RateLimit-Remaining how many more it could bring at that moment, RateLimit-Reset when to come again, in seconds.',
    action: 'Send the request anew after the seconds in Retry-After, and slow down.',
  });

  /**
   * @param limit messages that a tenant may have under way
   * @param remaining those that it could have brought
   */
  constructor(limit: number, remaining: number) {
    super(TooManyRequests.problem, {
      detail: 'Too many of your messages are under way already. Nothing was done.',
      headers: {
        'retry-after': retryAfterSeconds,
        'ratelimit-limit': String(limit),
        'ratelimit-remaining': String(remaining),
        'ratelimit-reset': retryAfterSeconds,
      },
    });
  }
}

export class IdempotencyKeyReused extends AppError {
  static readonly problem = defineProblem({
    code: 'idempotency_key_reused',
    status: 422,
    title: 'Idempotency key reused',
    meaning: 'The key was used before with another body.',
    action: 'Use a new key for a new request; repeat a request with exactly the same body.',
  });
  /** @param pointer the header, or the field of a batch's message */
  constructor(pointer: string) {
    super(IdempotencyKeyReused.problem, {
      detail: 'This idempotency key was used before with another body.',
      pointer,
    });
  }
}

export class IdempotencyInProgress extends AppError {
  static readonly problem = defineProblem({
    code: 'idempotency_in_progress',
    status: 409,
    title: 'Idempotency key in use',
    meaning: 'Another request with the same key is being worked on at this moment.',
    action: 'Repeat the request after Retry-After seconds, with the same key and body.',
  });
  constructor() {
    super(IdempotencyInProgress.problem, {
      detail: 'Another request with the same idempotency key is in progress.',
      headers: { 'Retry-After': '1' },
    });
  }
}

export class AccountGone extends AppError {
  static readonly problem = defineProblem({
    code: 'account_gone',
    status: 422,
    title: 'Account deleted',
    meaning: 'The account was deleted while the message was being accepted.',
    action: 'Choose another account.',
  });
  constructor() {
    super(AccountGone.problem, {
      detail: 'The account does not exist any more.',
      pointer: '/account_id',
    });
  }
}

export class RecipientSuppressed extends AppError {
  static readonly problem = defineProblem({
    code: 'recipient_suppressed',
    status: 422,
    title: 'Recipient suppressed',
    meaning:
      'The recipient stands in your suppressions: by a stop word, or as you entered it. An entry of the category `promotional` stops promotional messages only. Nothing was stored.',
    action:
      'Write no more to the recipient. `GET /v1/suppressions?recipient=…` shows why and since when; an entry can be removed where the recipient asks for it.',
  });

  /** @param at JSON pointer of the message: '' or a message of a batch */
  constructor(at: string) {
    super(RecipientSuppressed.problem, {
      detail: 'The recipient does not want to be written to.',
      pointer: `${at}/recipient`,
    });
  }
}
