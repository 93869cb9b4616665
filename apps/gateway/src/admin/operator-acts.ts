import { Injectable } from '@nestjs/common';
import { IsNull, type EntityManager } from 'typeorm';
import { Account, LanePauses } from '../accounts/index.js';
import { ControlPlane } from '../platform/database/index.js';
import { NotFound } from '../platform/errors/index.js';
import { LaneViews, type LaneView } from './lane-views.js';
import type { Actor } from '../tenants/index.js';

/** What operators do to lanes of any tenant. */
@Injectable()
export class OperatorActs {
  constructor(
    private readonly controlPlane: ControlPlane,
    private readonly pauses: LanePauses,
    private readonly lanes: LaneViews,
  ) {}

  /** @throws NotFound */
  async pauseLane(accountId: string, reason: string | null, actor: Actor): Promise<LaneView> {
    return this.run(async (manager) => {
      const tenantId = await tenantOf(manager, accountId);
      await this.pauses.pause(manager, { tenantId, accountId, pauser: 'operator', actor }, reason);
      return this.lanes.getIn(manager, accountId);
    });
  }

  /** A tenant's own pause stays. @throws NotFound */
  async resumeLane(accountId: string, actor: Actor): Promise<LaneView> {
    return this.run(async (manager) => {
      const tenantId = await tenantOf(manager, accountId);
      await this.pauses.resume(manager, { tenantId, accountId, pauser: 'operator', actor });
      return this.lanes.getIn(manager, accountId);
    });
  }

  private run<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.controlPlane.run({ role: 'operator' }, work);
  }
}

async function tenantOf(manager: EntityManager, accountId: string): Promise<string> {
  const account = await manager.findOneBy(Account, { id: accountId, deletedAt: IsNull() });
  if (account === null) throw new NotFound();
  return account.tenantId;
}
