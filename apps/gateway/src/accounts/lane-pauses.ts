import { Injectable } from '@nestjs/common';
import { IsNull, type EntityManager } from 'typeorm';
import { NotFound } from '../platform/errors/index.js';
import { AuditTrail, type Actor } from '../tenants/index.js';
import { Account } from './account.entity.js';
import { AccountPausedByOperator } from './accounts.errors.js';
import { Lane } from './lane.entity.js';
import { afterPause, afterResume, type Pauser } from './lane-pause.js';

export interface LanePauseRequest {
  readonly tenantId: string;
  readonly accountId: string;
  readonly pauser: Pauser;
  readonly actor: Actor;
}

/** Holds and releases lanes, in the caller's transaction. Messages of a held lane are kept until they expire. */
@Injectable()
export class LanePauses {
  constructor(private readonly audit: AuditTrail) {}

  /** Pausing twice changes nothing but the reason. @throws NotFound */
  async pause(
    manager: EntityManager,
    request: LanePauseRequest,
    reason: string | null,
  ): Promise<void> {
    const { tenantId, accountId, pauser, actor } = request;
    const lane = await lockLane(manager, tenantId, accountId, 'for_no_key_update');
    const pausedBy = afterPause(lane.pausedBy, pauser);
    if (pausedBy === lane.pausedBy && reason === lane.pauseReason) return;
    await manager.update(
      Lane,
      { tenantId, accountId },
      {
        pausedBy,
        pauseReason: reason,
        ...(lane.pausedAt === null ? { pausedAt: () => 'app_clock()' } : {}),
      },
    );
    await this.audit.record(manager, {
      tenantId,
      actor,
      action: 'account.paused',
      object: { kind: 'account', id: accountId },
      before: { paused_by: lane.pausedBy, reason: lane.pauseReason },
      after: { paused_by: pausedBy, reason },
    });
  }

  /** Resuming what runs changes nothing. @throws NotFound, AccountPausedByOperator */
  async resume(manager: EntityManager, request: LanePauseRequest): Promise<void> {
    const { tenantId, accountId, pauser, actor } = request;
    const lane = await lockLane(manager, tenantId, accountId, 'for_no_key_update');
    const pausedBy = afterResume(lane.pausedBy, pauser);
    if (pausedBy === lane.pausedBy) {
      if (pauser === 'tenant' && pausedBy !== null) throw new AccountPausedByOperator();
      return;
    }
    await manager.update(
      Lane,
      { tenantId, accountId },
      pausedBy === null
        ? // A worker that let go of the held lane must look at it again.
          { pausedBy, pausedAt: null, pauseReason: null, hasWork: true }
        : { pausedBy, pauseReason: null },
    );
    await this.audit.record(manager, {
      tenantId,
      actor,
      action: 'account.resumed',
      object: { kind: 'account', id: accountId },
      before: { paused_by: lane.pausedBy, reason: lane.pauseReason },
      after: { paused_by: pausedBy },
    });
  }

  /** Closes the lane of a deleted account: what slips in at this very moment is held, and expires. */
  async close(manager: EntityManager, tenantId: string, accountId: string): Promise<void> {
    await manager.update(
      Lane,
      { tenantId, accountId },
      { pausedBy: 'deletion', pausedAt: () => 'app_clock()', pauseReason: 'account_deleted' },
    );
  }
}

/**
 * Locks the lane against other edits; with `pessimistic_write` also against accepts and intents, which hold a
 * share of it.
 * @throws NotFound also where the account is deleted
 */
export async function lockLane(
  manager: EntityManager,
  tenantId: string,
  accountId: string,
  mode: 'for_no_key_update' | 'pessimistic_write',
): Promise<Lane> {
  const lane = await manager.findOne(Lane, {
    where: { tenantId, accountId },
    lock: { mode },
  });
  const isOpen = await manager.exists(Account, {
    where: { tenantId, id: accountId, deletedAt: IsNull() },
  });
  if (lane === null || !isOpen) throw new NotFound();
  return lane;
}
