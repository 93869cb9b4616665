import { Injectable } from '@nestjs/common';
import { AccountDirectory } from '../accounts/index.js';
import type { Deadline } from '../platform/deadline/index.js';
import { AccountUnknown, mayUseAccount, type Caller } from '../tenants/index.js';
import type { DraftingContext } from './message-drafter.js';
import { AccountRequired } from './messages.errors.js';

/** Whoever misses an account asks once more with accounts no older than this. */
const freshMs = 200;

/** Whose messages are to be drafted. */
export interface DraftingRequest {
  readonly caller: Caller;
  readonly requestId: string | null;
  readonly deadline: Deadline;
}

/** What a caller's messages are drafted with. */
@Injectable()
export class DraftingContexts {
  constructor(private readonly accounts: AccountDirectory) {}

  /** With the accounts as they were known a moment ago. */
  of(request: DraftingRequest): Promise<DraftingContext> {
    return this.read(request);
  }

  /** With the accounts as they are: another process may just have made the one that was missing. */
  fresh(request: DraftingRequest): Promise<DraftingContext> {
    return this.read(request, freshMs);
  }

  private async read(
    { caller, requestId, deadline }: DraftingRequest,
    maxAgeMs?: number,
  ): Promise<DraftingContext> {
    const accounts = await this.accounts.forTenant(caller.tenantId, maxAgeMs, deadline.remainingMs);
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
