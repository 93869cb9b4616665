import type { Caller } from './caller.js';
import { AccountNotAllowed, InsufficientScope, LifetimeNotAllowed } from './tenants.errors.js';

/** What a key allows, and for how long. */
export interface Grant {
  readonly scopes: readonly string[];
  /** null: all accounts. */
  readonly accountIds: readonly string[] | null;
  /** null: for ever. */
  readonly expiresAt: Date | null;
}

/**
 * A key gives away no more than it has.
 * @throws InsufficientScope, AccountNotAllowed, LifetimeNotAllowed
 */
export function assertMayGrant(caller: Caller, grant: Grant): void {
  const lacking = caller.scopes.lacking(grant.scopes);
  if (lacking !== null) {
    throw new InsufficientScope(
      lacking,
      `A key can only grant scopes of its own; this one lacks ${lacking}.`,
    );
  }
  if (!accountsWithin(caller.accountIds, grant.accountIds)) {
    throw new AccountNotAllowed(
      'A key that is restricted to accounts can only grant those.',
      '/account_ids',
    );
  }
  if (
    caller.expiresAt !== null &&
    (grant.expiresAt === null || grant.expiresAt > caller.expiresAt)
  ) {
    throw new LifetimeNotAllowed();
  }
}

function accountsWithin(held: readonly string[] | null, wanted: readonly string[] | null): boolean {
  if (held === null) return true;
  return wanted !== null && wanted.every((id) => held.includes(id));
}
