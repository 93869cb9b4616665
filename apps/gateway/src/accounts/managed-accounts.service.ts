import { Injectable } from '@nestjs/common';
import { IsNull, type EntityManager } from 'typeorm';
import { ControlPlane } from '../platform/database/index.js';
import { NotFound } from '../platform/errors/index.js';
import { Ids, showId } from '../platform/ids/index.js';
import {
  AuditTrail,
  changesBetween,
  Tenant,
  type Actor,
  type Page,
  type PageRequest,
} from '../tenants/index.js';
import { AccountDirectory } from './account-directory.js';
import { AccountViews, type AccountView } from './account-views.js';
import {
  accountColumns,
  assertSenderListed,
  auditedDefaults,
  type AccountDefaults,
} from './account-settings.js';
import { Account } from './account.entity.js';
import { AccountNotManaged, ConnectionNotShared, ConnectionUnknown } from './accounts.errors.js';
import { Connection } from './connection.entity.js';
import { Lane } from './lane.entity.js';

/** What the operator sets of an account on a shared connection. Its senders are at least one. */
export interface ManagedSettings extends AccountDefaults {
  /** Its part of the connection's rate, against those of the other active accounts: 1 to 1,000. */
  readonly weight: number;
}

/** Accounts that the operator makes for tenants, on connections of the operator's. */
@Injectable()
export class ManagedAccountsService {
  constructor(
    private readonly controlPlane: ControlPlane,
    private readonly ids: Ids,
    private readonly views: AccountViews,
    private readonly directory: AccountDirectory,
    private readonly audit: AuditTrail,
  ) {}

  /** @throws NotFound without the tenant, ConnectionUnknown, ConnectionNotShared, DefaultSenderNotListed */
  async create(
    tenantId: string,
    connectionId: string,
    wanted: ManagedSettings,
    actor: Actor,
  ): Promise<AccountView> {
    assertSenderListed(wanted);
    const id = this.ids.next();
    const view = await this.run(async (manager) => {
      if (!(await manager.existsBy(Tenant, { id: tenantId }))) throw new NotFound();
      await assertShared(manager, connectionId);
      await manager.insert(Account, {
        ...accountColumns(wanted),
        tenantId,
        id,
        connectionId,
        managed: true,
      });
      await manager.insert(Lane, { tenantId, accountId: id, connectionId, weight: wanted.weight });
      await this.audit.record(manager, {
        tenantId,
        actor,
        action: 'account.created',
        object: { kind: 'account', id },
        after: { ...audited(wanted), managed: true, connection_id: showId('con', connectionId) },
      });
      return this.views.getIn(manager, tenantId, id);
    });
    this.directory.invalidate(tenantId);
    return view;
  }

  /** All accounts of a tenant, its own ones too, newest first. */
  list(tenantId: string, page: PageRequest): Promise<Page<AccountView>> {
    return this.views.list(tenantId, null, page, { role: 'operator' });
  }

  /** @throws NotFound */
  get(tenantId: string, accountId: string): Promise<AccountView> {
    return this.views.get(tenantId, accountId, { role: 'operator' });
  }

  /** @throws NotFound, AccountNotManaged, DefaultSenderNotListed */
  async update(
    tenantId: string,
    accountId: string,
    changes: Partial<ManagedSettings>,
    actor: Actor,
  ): Promise<AccountView> {
    const view = await this.run(async (manager) => {
      const before = await lockManaged(manager, tenantId, accountId);
      const after = { ...before, ...changes };
      assertSenderListed(after);
      const diff = changesBetween(audited(before), audited(after));
      if (Object.keys(diff.after).length > 0) {
        const updatedAt = () => 'app_clock()';
        const columns = { ...accountColumns(after), updatedAt };
        await manager.update(Account, { tenantId, id: accountId }, columns);
        await manager.update(Lane, { tenantId, accountId }, { weight: after.weight });
        await this.audit.record(manager, {
          tenantId,
          actor,
          action: 'account.updated',
          object: { kind: 'account', id: accountId },
          ...diff,
        });
      }
      return this.views.getIn(manager, tenantId, accountId);
    });
    this.directory.invalidate(tenantId);
    return view;
  }

  private run<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.controlPlane.run({ role: 'operator' }, work);
  }
}

async function assertShared(manager: EntityManager, connectionId: string): Promise<void> {
  const connection = await manager.findOneBy(Connection, { id: connectionId });
  if (connection === null) throw new ConnectionUnknown('/connection_id');
  if (connection.tenantId !== null) throw new ConnectionNotShared('/connection_id');
}

async function lockManaged(
  manager: EntityManager,
  tenantId: string,
  accountId: string,
): Promise<ManagedSettings> {
  // The lane first, as everywhere.
  const lane = await manager.findOne(Lane, {
    where: { tenantId, accountId },
    lock: { mode: 'for_no_key_update' },
  });
  const account = await manager.findOne(Account, {
    where: { tenantId, id: accountId, deletedAt: IsNull() },
    lock: { mode: 'for_no_key_update' },
  });
  if (lane === null || account === null) throw new NotFound();
  if (!account.managed) throw new AccountNotManaged();
  return { ...accountColumns(account), weight: lane.weight };
}

function audited(settings: ManagedSettings): Record<string, unknown> {
  return { ...auditedDefaults(settings), weight: settings.weight };
}
