import { AppError, defineProblem } from '../platform/errors/index.js';

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
