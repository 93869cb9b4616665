import { Injectable } from '@nestjs/common';
import { ControlPlane, type ControlPlaneActor } from '../platform/database/index.js';
import { AppError, OutcomeUnknown } from '../platform/errors/index.js';
import { AuditTrail, type Actor, type Caller } from '../tenants/index.js';
import { AccountDirectory } from './account-directory.js';
import { AccountWork, OpenWorkCloser } from './account-work.js';
import { Account } from './account.entity.js';
import { AccountHasOpenWork, AccountManaged, AccountNotManaged } from './accounts.errors.js';
import { assertVisible } from './accounts.service.js';
import { AccountViews, type AccountView } from './account-views.js';
import { LanePauses, lockLane } from './lane-pauses.js';

interface DeletionOptions {
  readonly force: boolean;
}

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
   * A tenant's own account.
   * @param options.force expires what is queued and scheduled first; what is on the wire still refuses
   * @throws NotFound, AccountManaged, AccountHasOpenWork
   */
  async delete(
    caller: Caller,
    accountId: string,
    options: DeletionOptions,
    actor: Actor,
  ): Promise<void> {
    assertVisible(caller, accountId);
    const view = await this.views.get(caller.tenantId, accountId);
    if (view.isManaged) throw new AccountManaged();
    await this.deleteAs({ role: 'tenant', tenantId: view.tenantId }, view, options, actor);
  }

  /**
   * An account that the operator made on a shared connection.
   * @throws NotFound, AccountNotManaged, AccountHasOpenWork
   */
  async deleteManaged(
    tenantId: string,
    accountId: string,
    options: DeletionOptions,
    actor: Actor,
  ): Promise<void> {
    const view = await this.views.get(tenantId, accountId, { role: 'operator' });
    if (!view.isManaged) throw new AccountNotManaged();
    await this.deleteAs({ role: 'operator' }, view, options, actor);
  }

  private async deleteAs(
    editor: ControlPlaneActor,
    { tenantId, id: accountId, name, load }: AccountView,
    options: DeletionOptions,
    actor: Actor,
  ): Promise<void> {
    const object = { tenantId, accountId, name };
    if (!options.force) return this.close(editor, object, options, actor);
    // Before the first message ends: no forced end goes unrecorded.
    await this.controlPlane.run(editor, (manager) =>
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
      await this.close(editor, object, options, actor);
    } catch (error) {
      // Messages may have ended by now: "nothing was done" would be untrue.
      throw error instanceof AppError ? error : new OutcomeUnknown(null, error);
    }
  }

  private async close(
    editor: ControlPlaneActor,
    { tenantId, accountId, name }: { tenantId: string; accountId: string; name: string },
    { force }: DeletionOptions,
    actor: Actor,
  ): Promise<void> {
    await this.controlPlane.run(editor, async (manager) => {
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
}
