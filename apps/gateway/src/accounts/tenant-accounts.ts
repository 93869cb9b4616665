import { Injectable } from '@nestjs/common';
import { In, IsNull, type EntityManager } from 'typeorm';
import { KnownAccounts } from '../tenants/index.js';
import { Account } from './account.entity.js';

/** Tells API keys which accounts there are. A deleted one is none. */
@Injectable()
export class TenantAccounts extends KnownAccounts {
  async among(
    manager: EntityManager,
    tenantId: string,
    accountIds: readonly string[],
  ): Promise<ReadonlySet<string>> {
    const found = await manager.find(Account, {
      where: { tenantId, id: In([...accountIds]), deletedAt: IsNull() },
      select: { id: true },
    });
    return new Set(found.map(({ id }) => id));
  }
}
