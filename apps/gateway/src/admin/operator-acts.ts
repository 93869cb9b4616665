import { Injectable } from '@nestjs/common';
import { IsNull, type EntityManager } from 'typeorm';
import { Account, Connection, ConnectionState, LanePauses } from '../accounts/index.js';
import { ControlPlane } from '../platform/database/index.js';
import { NotFound } from '../platform/errors/index.js';
import { LaneViews, type LaneView } from './lane-views.js';
import { AuditTrail, noTenant, type Actor } from '../tenants/index.js';

export interface ConnectionView {
  readonly connection: Connection;
  readonly state: ConnectionState;
}

/** What operators do to lanes and connections of any tenant. */
@Injectable()
export class OperatorActs {
  constructor(
    private readonly controlPlane: ControlPlane,
    private readonly pauses: LanePauses,
    private readonly lanes: LaneViews,
    private readonly audit: AuditTrail,
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

  /**
   * Ends the provider's pause, and the time that it asked to wait, on the operator's word; if nothing has changed
   * there, they come back. @throws NotFound
   */
  async resumeConnection(id: string, actor: Actor): Promise<ConnectionView> {
    return this.run(async (manager) => {
      const connection = await manager.findOneBy(Connection, { id });
      if (connection === null) throw new NotFound();
      const { fingerprint } = connection;
      const before = await manager.findOneOrFail(ConnectionState, {
        where: { fingerprint },
        lock: { mode: 'for_no_key_update' },
      });
      if (before.pausedAt === null && before.notBefore === null)
        return { connection, state: before };
      await manager.update(
        ConnectionState,
        { fingerprint },
        {
          pausedAt: null,
          pauseReason: null,
          probeUntil: null,
          probeBy: null,
          notBefore: null,
          // Late errors of the former epoch must not pause it again.
          ...(before.pausedAt === null ? {} : { epoch: () => 'epoch + 1' }),
          updatedAt: () => 'app_clock()',
        },
      );
      await this.audit.record(manager, {
        tenantId: connection.tenantId ?? noTenant,
        actor,
        action: 'connection.resumed',
        object: { kind: 'connection', id },
        before: {
          paused_at: before.pausedAt,
          reason: before.pauseReason,
          not_before: before.notBefore,
        },
        after: { paused_at: null, reason: null, not_before: null },
      });
      return { connection, state: await manager.findOneByOrFail(ConnectionState, { fingerprint }) };
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
