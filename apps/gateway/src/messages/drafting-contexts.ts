import { Injectable } from '@nestjs/common';
import { AccountDirectory } from '../accounts/index.js';
import { AccountUnknown, mayUseAccount, type Caller } from '../tenants/index.js';
import type { DraftingContext } from './message-drafter.js';
import { AccountRequired } from './messages.errors.js';

/** Whoever misses an account asks once more with accounts no older than this. */
const freshMs = 200;

/** What a caller's messages are drafted with. */
@Injectable()
export class DraftingContexts {
  constructor(private readonly accounts: AccountDirectory) {}

  /** With the accounts as they were known a moment ago. */
  async of(caller: Caller, requestId: string | null): Promise<DraftingContext> {
    return this.make(caller, requestId, await this.accounts.forTenant(caller.tenantId));
  }

  /** With the accounts as they are: another process may just have made the one that was missing. */
  async fresh(caller: Caller, requestId: string | null): Promise<DraftingContext> {
    return this.make(caller, requestId, await this.accounts.forTenant(caller.tenantId, freshMs));
  }

  private make(
    caller: Caller,
    requestId: string | null,
    accounts: DraftingContext['accounts'],
  ): DraftingContext {
    return {
      tenantId: caller.tenantId,
      apiKeyId: caller.apiKeyId,
      requestId,
      accounts:
        caller.accountIds === null
          ? accounts
          : accounts.filter(({ id }) => mayUseAccount(caller, id)),
      defaultDeliveryMode: caller.defaultDeliveryMode,
    };
  }
}

export function lacksAccount(error: unknown): boolean {
  return error instanceof AccountUnknown || error instanceof AccountRequired;
}
