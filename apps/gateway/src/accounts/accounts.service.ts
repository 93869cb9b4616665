import { Injectable } from '@nestjs/common';
import { IsNull, type EntityManager } from 'typeorm';
import { ControlPlane } from '../platform/database/index.js';
import { NotFound } from '../platform/errors/index.js';
import { Ids, showId } from '../platform/ids/index.js';
import {
  AccountNotAllowed,
  AuditTrail,
  changesBetween,
  mayUseAccount,
  type Actor,
  type Caller,
  type Page,
  type PageRequest,
} from '../tenants/index.js';
import { AccountDirectory } from './account-directory.js';
import { AccountViews, type AccountView } from './account-views.js';
import {
  accountColumns,
  assertSenderListed,
  audited,
  settingsOf,
  type AccountSettings,
  type NewAccount,
} from './account-settings.js';
import { Account } from './account.entity.js';
import { AccountManaged } from './accounts.errors.js';
import { ConnectionStore, type KeylessConnection } from './connection-store.js';
import { Connection } from './connection.entity.js';
import { KeyChecker } from './key-checker.js';
import { LanePauses } from './lane-pauses.js';
import { Lane } from './lane.entity.js';

/** A tenant's accounts, each on a connection of its own. */
@Injectable()
export class AccountsService {
  constructor(
    private readonly controlPlane: ControlPlane,
    private readonly ids: Ids,
    private readonly connections: ConnectionStore,
    private readonly views: AccountViews,
    private readonly directory: AccountDirectory,
    private readonly pauses: LanePauses,
    private readonly keyChecker: KeyChecker,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * Makes a connection and an account on it. The key is tried out behind the answer.
   * @throws AccountNotAllowed, DefaultSenderNotListed
   */
  async create(caller: Caller, wanted: NewAccount, actor: Actor): Promise<AccountView> {
    if (caller.accountIds !== null) {
      throw new AccountNotAllowed('A key that is restricted to accounts cannot make another one.');
    }
    assertSenderListed(wanted);
    const { tenantId } = caller;
    const key = await this.connections.recognise(wanted.providerKey);
    const [connectionId, accountId] = [this.ids.next(), this.ids.next()];
    const view = await this.run(tenantId, async (manager) => {
      const { name, maxPerSecond } = wanted;
      const connection = { tenantId, id: connectionId, name, maxPerSecond };
      await this.connections.insert(manager, connection, key);
      await manager.insert(Account, {
        tenantId,
        id: accountId,
        connectionId,
        ...accountColumns(wanted),
      });
      await manager.insert(Lane, { tenantId, accountId, connectionId });
      await this.audit.record(manager, {
        tenantId,
        actor,
        action: 'account.created',
        object: { kind: 'account', id: accountId },
        after: { ...audited(wanted), connection_id: showId('con', connectionId) },
      });
      return this.views.getIn(manager, tenantId, accountId);
    });
    this.directory.invalidate(tenantId);
    this.keyChecker.checkLater({ connectionId, version: 1, key: wanted.providerKey });
    return view;
  }

  /** @throws NotFound */
  async get(caller: Caller, accountId: string): Promise<AccountView> {
    assertVisible(caller, accountId);
    return this.views.get(caller.tenantId, accountId);
  }

  /** Newest first; those that the key may use. */
  list(caller: Caller, page: PageRequest): Promise<Page<AccountView>> {
    return this.views.list(caller.tenantId, caller.accountIds, page);
  }

  /** @throws NotFound, AccountManaged, DefaultSenderNotListed */
  async update(
    caller: Caller,
    accountId: string,
    changes: Partial<AccountSettings>,
    actor: Actor,
  ): Promise<AccountView> {
    assertVisible(caller, accountId);
    const { tenantId } = caller;
    const view = await this.run(tenantId, async (manager) => {
      const { account, connection } = await this.lockAccount(manager, tenantId, accountId);
      const before = settingsOf(account, connection);
      const after = { ...before, ...changes };
      assertSenderListed(after);
      const diff = changesBetween(audited(before), audited(after));
      if (Object.keys(diff.after).length === 0) {
        return this.views.getIn(manager, tenantId, accountId);
      }
      const updatedAt = () => 'app_clock()';
      await manager.update(
        Account,
        { tenantId, id: accountId },
        { ...accountColumns(after), updatedAt },
      );
      if (after.maxPerSecond !== before.maxPerSecond) {
        await manager.update(
          Connection,
          { id: connection.id },
          { maxPerSecond: after.maxPerSecond, updatedAt },
        );
      }
      await this.audit.record(manager, {
        tenantId,
        actor,
        action: 'account.updated',
        object: { kind: 'account', id: accountId },
        ...diff,
      });
      return this.views.getIn(manager, tenantId, accountId);
    });
    this.directory.invalidate(tenantId);
    return view;
  }

  /**
   * Puts another provider key in place; the queue stays. A pause or a Retry-After that the old key brought about ends
   * with it.
   * @throws NotFound, AccountManaged
   */
  async rotateProviderKey(
    caller: Caller,
    accountId: string,
    providerKey: string,
    actor: Actor,
  ): Promise<AccountView> {
    assertVisible(caller, accountId);
    const { tenantId } = caller;
    const key = await this.connections.recognise(providerKey);
    const rotated = await this.run(tenantId, async (manager) => {
      const { connection } = await this.lockAccount(manager, tenantId, accountId);
      const keyVersion = await this.connections.replaceKey(manager, connection, key);
      await this.audit.record(manager, {
        tenantId,
        actor,
        action: 'account.provider_key_rotated',
        object: { kind: 'account', id: accountId },
        before: { key_version: connection.keyVersion },
        after: { key_version: keyVersion },
      });
      const view = await this.views.getIn(manager, tenantId, accountId);
      return { connectionId: connection.id, version: keyVersion, view };
    });
    const { connectionId, version } = rotated;
    this.directory.invalidate(tenantId);
    this.keyChecker.checkLater({ connectionId, version, key: providerKey });
    return rotated.view;
  }

  /** Holds the account's messages; they are accepted, kept, and expire in their time. @throws NotFound */
  async pause(
    caller: Caller,
    accountId: string,
    reason: string | null,
    actor: Actor,
  ): Promise<AccountView> {
    assertVisible(caller, accountId);
    const { tenantId } = caller;
    const view = await this.run(tenantId, async (manager) => {
      const request = { tenantId, accountId, pauser: 'tenant', actor } as const;
      await this.pauses.pause(manager, request, reason);
      return this.views.getIn(manager, tenantId, accountId);
    });
    this.directory.invalidate(tenantId);
    return view;
  }

  /** @throws NotFound, AccountPausedByOperator */
  async resume(caller: Caller, accountId: string, actor: Actor): Promise<AccountView> {
    assertVisible(caller, accountId);
    const { tenantId } = caller;
    const view = await this.run(tenantId, async (manager) => {
      await this.pauses.resume(manager, { tenantId, accountId, pauser: 'tenant', actor });
      return this.views.getIn(manager, tenantId, accountId);
    });
    this.directory.invalidate(tenantId);
    return view;
  }

  private run<T>(tenantId: string, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.controlPlane.run({ role: 'tenant', tenantId }, work);
  }

  private async lockAccount(
    manager: EntityManager,
    tenantId: string,
    id: string,
  ): Promise<{ account: Account; connection: KeylessConnection }> {
    await assertOwn(manager, tenantId, id);
    const account = await manager.findOne(Account, {
      where: { tenantId, id, deletedAt: IsNull() },
      lock: { mode: 'for_no_key_update' },
    });
    if (account === null) throw new NotFound();
    const connection = await this.connections.lock(manager, account.connectionId);
    if (connection === null) throw new NotFound();
    return { account, connection };
  }
}

/** An account that the key may not use looks like one that does not exist. @throws NotFound */
export function assertVisible(caller: Caller, accountId: string): void {
  if (!mayUseAccount(caller, accountId)) throw new NotFound();
}

/** Before its lock: a tenant's role may not even lock an account that the operator manages. @throws NotFound, AccountManaged */
export async function assertOwn(
  manager: EntityManager,
  tenantId: string,
  id: string,
): Promise<void> {
  const account = await manager.findOneBy(Account, { tenantId, id, deletedAt: IsNull() });
  if (account === null) throw new NotFound();
  if (account.managed) throw new AccountManaged();
}
