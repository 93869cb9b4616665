import { AppError, defineProblem } from '../platform/errors/index.js';

const bearer = { 'www-authenticate': 'Bearer error="invalid_token"' };

export class ApiKeyExpired extends AppError {
  static readonly problem = defineProblem({
    code: 'api_key_expired',
    status: 401,
    title: 'API key expired',
    meaning:
      'The key is right, but its `expires_at` has passed, by its own date or after a rotation.',
    action: 'Use the key that replaced it, or have a new one made.',
  });

  constructor() {
    super(ApiKeyExpired.problem, { detail: 'The API key has expired.', headers: bearer });
  }
}

export class ApiKeyRevoked extends AppError {
  static readonly problem = defineProblem({
    code: 'api_key_revoked',
    status: 401,
    title: 'API key revoked',
    meaning: 'The key was right, but it has been revoked.',
    action: 'Have a new key made.',
  });

  constructor() {
    super(ApiKeyRevoked.problem, { detail: 'The API key has been revoked.', headers: bearer });
  }
}

export class InsufficientScope extends AppError {
  static readonly problem = defineProblem({
    code: 'insufficient_scope',
    status: 403,
    title: 'Insufficient scope',
    meaning:
      'The API key lacks the scope that this needs, or would grant one that it lacks. `scope` names it.',
    action: 'Use a key with the scope.',
  });

  constructor(scope: string, detail = `This needs the scope ${scope}, which the API key lacks.`) {
    super(InsufficientScope.problem, {
      detail,
      headers: { 'www-authenticate': `Bearer error="insufficient_scope", scope="${scope}"` },
      extra: { scope },
    });
  }
}

export class AccountNotAllowed extends AppError {
  static readonly problem = defineProblem({
    code: 'account_not_allowed',
    status: 403,
    title: 'Account not allowed',
    meaning: 'The API key is restricted to other accounts.',
    action: 'Use a key without the restriction, or one for this account.',
  });

  constructor(detail = 'The API key is restricted to other accounts.', pointer?: string) {
    super(AccountNotAllowed.problem, { detail, ...(pointer === undefined ? {} : { pointer }) });
  }
}

export class AccountUnknown extends AppError {
  static readonly problem = defineProblem({
    code: 'account_unknown',
    status: 422,
    title: 'Account unknown',
    meaning: 'There is no such account, or the API key may not use it: the answer is the same.',
    action: 'List the accounts that the key may use with `GET /v1/accounts`.',
  });

  constructor(pointer: string) {
    super(AccountUnknown.problem, { pointer, detail: 'There is no such account.' });
  }
}

export class LifetimeNotAllowed extends AppError {
  static readonly problem = defineProblem({
    code: 'lifetime_not_allowed',
    status: 403,
    title: 'Lifetime not allowed',
    meaning: 'A key that expires cannot make one that lives longer than itself.',
    action: 'Give an earlier `expires_at`, or use a key that lives as long.',
  });

  constructor() {
    super(LifetimeNotAllowed.problem, {
      detail: 'The new key would outlive the one that makes it.',
      pointer: '/expires_at',
    });
  }
}

export class TenantSuspended extends AppError {
  static readonly problem = defineProblem({
    code: 'tenant_suspended',
    status: 403,
    title: 'Tenant suspended',
    meaning:
      'The operator has suspended the tenant: it can read, but neither send nor change anything.',
    action: 'Talk to the operator.',
  });

  constructor() {
    super(TenantSuspended.problem, {
      detail: 'The tenant is suspended: it can read, but neither send nor change anything.',
    });
  }
}

export class ExternalIdTaken extends AppError {
  static readonly problem = defineProblem({
    code: 'external_id_taken',
    status: 409,
    title: 'External id taken',
    meaning: 'Another tenant has this `external_id`.',
    action: 'List the tenants by `external_id`, or choose another.',
  });

  constructor() {
    super(ExternalIdTaken.problem, {
      detail: 'Another tenant has this external id.',
      pointer: '/external_id',
    });
  }
}

export class ApiKeyNotActive extends AppError {
  static readonly problem = defineProblem({
    code: 'api_key_not_active',
    status: 409,
    title: 'API key not active',
    meaning: 'A key that is revoked, expired or already replaced cannot be rotated.',
    action: 'Rotate its successor, or make a new key.',
  });

  constructor(state: 'revoked' | 'expired' | 'replaced') {
    super(ApiKeyNotActive.problem, { detail: `The key is already ${state}.` });
  }
}
