import { AccountNotAllowed, type Caller } from '../tenants/index.js';

/**
 * Whom a tenant must not write to holds for all of its accounts.
 * @throws AccountNotAllowed for a key that is restricted to some of them
 */
export function assertWholeTenant({ accountIds }: Caller): void {
  if (accountIds !== null) {
    throw new AccountNotAllowed(
      'Suppressions hold for all accounts; a key that is restricted to some cannot see or change them.',
    );
  }
}
