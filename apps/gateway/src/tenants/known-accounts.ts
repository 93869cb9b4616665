import type { EntityManager } from 'typeorm';

/** What API keys need to know of accounts, which stand above tenants. */
export abstract class KnownAccounts {
  /** Those of the ids that are accounts of the tenant, in the caller's transaction. */
  abstract among(
    manager: EntityManager,
    tenantId: string,
    accountIds: readonly string[],
  ): Promise<ReadonlySet<string>>;
}
