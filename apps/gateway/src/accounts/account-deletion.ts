import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ControlPlane } from '../platform/database/index.js';
import { AppError, OutcomeUnknown } from '../platform/errors/index.js';
import { AuditTrail, type Actor, type Caller } from '../tenants/index.js';
import { AccountDirectory } from './account-directory.js';
import { AccountWork, OpenWorkCloser } from './account-work.js';
import { Account } from './account.entity.js';
import { AccountHasOpenWork } from './accounts.errors.js';
import { assertVisible } from './accounts.service.js';
import { AccountViews } from './account-views.js';
import { LanePauses, lockLane } from './lane-pauses.js';

/** Deletes accounts. Their messages stay readable, and those that were sent are followed to their end. */
@Injectable()
export class AccountDeletion {
  constructor(
    private readonly controlPlane: ControlPlane,
    private readonly views: AccountViews,
    private readonly work: AccountWork,
    private readonly closer: OpenWorkCloser,
    private readonly pauses: LanePauses,
    private readonly directory: AccountDirectory,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * @param options.force expires what is queued and scheduled first; what is on the wire still refuses
   * @throws NotFound, AccountHasOpenWork
   */
  async delete(
    caller: Caller,
    accountId: string,
    options: { readonly force: boolean },
    actor: Actor,
  ): Promise<void> {
    assertVisible(caller, accountId);
    const { tenantId } = caller;
    const { name, load } = await this.views.get(tenantId, accountId);
    if (!options.force) return this.close(tenantId, accountId, { name, ...options }, actor);
    // Before the first message ends: no forced end goes unrecorded.
    await this.run(tenantId, (manager) =>
      this.audit.record(manager, {
        tenantId,
        actor,
        action: 'account.force_expired',
        object: { kind: 'account', id: accountId },
        before: {
          queued: load.urgent + load.normal + load.promotional,
          scheduled: load.scheduled,
        },
        after: { queued: 0, scheduled: 0 },
      }),
    );
    try {
      await this.closer.expireAll(tenantId, accountId);
      await this.close(tenantId, accountId, { name, ...options }, actor);
    } catch (error) {
      // Messages may have ended by now: "nothing was done" would be untrue.
      throw error instanceof AppError ? error : new OutcomeUnknown(null, error);
    }
  }

  private async close(
    tenantId: string,
    accountId: string,
    { name, force }: { readonly name: string; readonly force: boolean },
    actor: Actor,
  ): Promise<void> {
    await this.run(tenantId, async (manager) => {
      // Waits for accepts that are under way; the look that follows sees what they brought.
      await lockLane(manager, tenantId, accountId, 'pessimistic_write');
      if (await this.work.hasOpenWork(manager, tenantId, accountId)) throw new AccountHasOpenWork();
      await this.pauses.close(manager, tenantId, accountId);
      const now = () => 'app_clock()';
      await manager.update(
        Account,
        { tenantId, id: accountId },
        { deletedAt: now, updatedAt: now },
      );
      await this.audit.record(manager, {
        tenantId,
        actor,
        action: 'account.deleted',
        object: { kind: 'account', id: accountId },
        before: { name },
        after: { force },
      });
    });
    this.directory.invalidate(tenantId);
  }

  private run<T>(tenantId: string, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.controlPlane.run({ role: 'tenant', tenantId }, work);
  }
}
