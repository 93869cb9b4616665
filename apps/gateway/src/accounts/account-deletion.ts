import { Injectable } from '@nestjs/common';
import { ControlPlane } from '../platform/database/index.js';
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
    const { name } = await this.views.get(tenantId, accountId);
    if (options.force) await this.closer.expireAll(tenantId, accountId);
    await this.controlPlane.run({ role: 'tenant', tenantId }, async (manager) => {
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
        after: { force: options.force },
      });
    });
    this.directory.invalidate(tenantId);
  }
}
