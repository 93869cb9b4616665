import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ControlPlane, Database, sqlFile } from '../platform/database/index.js';
import { NotFound } from '../platform/errors/index.js';
import { Ids } from '../platform/ids/index.js';
import {
  AuditTrail,
  changesBetween,
  noTenant,
  pageOf,
  type Actor,
  type Page,
  type PageRequest,
} from '../tenants/index.js';
import type { StatementRunner } from './account-work.js';
import { ConnectionNotShared } from './accounts.errors.js';
import { CallbackUrls } from './callback-urls.js';
import { ConnectionState } from './connection-state.entity.js';
import { ConnectionStore, type KeylessConnection } from './connection-store.js';
import { Connection, type KeyVerdict } from './connection.entity.js';
import { KeyChecker } from './key-checker.js';

const readConnections = sqlFile(import.meta.url, './sql/read-connections.sql');

/** What an operator sets of a connection. */
export interface ConnectionSettings {
  readonly name: string;
  /** Calls a second, all its accounts together; null for as many as the provider lets through. */
  readonly maxPerSecond: number | null;
}

export interface ConnectionFilter {
  readonly tenantId: string | null;
  /** true: only the operator's; false: only those of tenants; null: both. */
  readonly isShared: boolean | null;
}

/** A connection with the state of its key. */
export interface ConnectionView extends ConnectionSettings {
  readonly id: string;
  /** null where the operator owns it. */
  readonly tenantId: string | null;
  readonly keyVerdict: KeyVerdict;
  readonly keyCheckedAt: Date | null;
  readonly accounts: number;
  readonly rate: number;
  readonly learnedLimit: number | null;
  readonly pausedAt: Date | null;
  readonly pauseReason: string | null;
  readonly inboundUrl: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

interface ConnectionRow {
  readonly id: string;
  readonly tenant_id: string | null;
  readonly name: string;
  readonly max_per_second: number | null;
  readonly key_verdict: KeyVerdict;
  readonly key_checked_at: Date | null;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly rate: number;
  readonly learned_limit: number | null;
  readonly paused_at: Date | null;
  readonly pause_reason: string | null;
  readonly accounts: number;
}

/** The connections of all tenants as operators see them, and those that operators own. */
@Injectable()
export class ConnectionsService {
  constructor(
    private readonly controlPlane: ControlPlane,
    private readonly database: Database,
    private readonly ids: Ids,
    private readonly store: ConnectionStore,
    private readonly keyChecker: KeyChecker,
    private readonly callbackUrls: CallbackUrls,
    private readonly audit: AuditTrail,
  ) {}

  /** A connection of the operator's. The key is tried out behind the answer. */
  async create(
    wanted: ConnectionSettings,
    providerKey: string,
    actor: Actor,
  ): Promise<ConnectionView> {
    const key = await this.store.recognise(providerKey);
    const id = this.ids.next();
    const view = await this.run(async (manager) => {
      await this.store.insert(manager, { ...wanted, tenantId: null, id }, key);
      await this.audit.record(manager, {
        tenantId: noTenant,
        actor,
        action: 'connection.created',
        object: { kind: 'connection', id },
        after: audited(wanted),
      });
      return this.getIn(manager, id);
    });
    this.keyChecker.checkLater({ connectionId: id, version: 1, key: providerKey });
    return view;
  }

  /** @throws NotFound */
  get(id: string): Promise<ConnectionView> {
    return this.database.transaction('reads', { role: 'operator' }, (tx) => this.getIn(tx, id));
  }

  /** Newest first. */
  list(page: PageRequest, { tenantId, isShared }: ConnectionFilter): Promise<Page<ConnectionView>> {
    return this.database.transaction('reads', { role: 'operator' }, async (tx) => {
      const wanted = [tenantId, isShared, page.after, null, page.limit + 1];
      return pageOf(await this.read(tx, wanted), page.limit);
    });
  }

  /** @throws NotFound, ConnectionNotShared */
  async update(
    id: string,
    changes: Partial<ConnectionSettings>,
    actor: Actor,
  ): Promise<ConnectionView> {
    return this.run(async (manager) => {
      const { name, maxPerSecond } = await this.lockShared(manager, id);
      const before = { name, maxPerSecond };
      const after = { ...before, ...changes };
      const diff = changesBetween(audited(before), audited(after));
      if (Object.keys(diff.after).length > 0) {
        const updatedAt = () => 'app_clock()';
        await manager.update(Connection, { id }, { ...after, updatedAt });
        await this.audit.record(manager, {
          tenantId: noTenant,
          actor,
          action: 'connection.updated',
          object: { kind: 'connection', id },
          ...diff,
        });
      }
      return this.getIn(manager, id);
    });
  }

  /**
   * Puts another provider key in place; the queues of all its accounts stay. A pause or a Retry-After that the old key
   * brought about ends with it.
   * @throws NotFound, ConnectionNotShared
   */
  async rotateProviderKey(id: string, providerKey: string, actor: Actor): Promise<ConnectionView> {
    const key = await this.store.recognise(providerKey);
    const { view, version } = await this.run(async (manager) => {
      const connection = await this.lockShared(manager, id);
      const keyVersion = await this.store.replaceKey(manager, connection, key);
      await this.audit.record(manager, {
        tenantId: noTenant,
        actor,
        action: 'connection.provider_key_rotated',
        object: { kind: 'connection', id },
        before: { key_version: connection.keyVersion },
        after: { key_version: keyVersion },
      });
      return { view: await this.getIn(manager, id), version: keyVersion };
    });
    this.keyChecker.checkLater({ connectionId: id, version, key: providerKey });
    return view;
  }

  /**
   * Ends the provider's pause, and the time that it asked to wait, on the operator's word; if nothing has changed
   * there, they come back. @throws NotFound
   */
  async resume(id: string, actor: Actor): Promise<ConnectionView> {
    return this.run(async (manager) => {
      const connection = await manager.findOneBy(Connection, { id });
      if (connection === null) throw new NotFound();
      const { fingerprint } = connection;
      const before = await manager.findOneOrFail(ConnectionState, {
        where: { fingerprint },
        lock: { mode: 'for_no_key_update' },
      });
      if (before.pausedAt === null && before.notBefore === null) return this.getIn(manager, id);
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
      return this.getIn(manager, id);
    });
  }

  /** @throws NotFound, ConnectionNotShared */
  private async lockShared(manager: EntityManager, id: string): Promise<KeylessConnection> {
    const connection = await this.store.lock(manager, id);
    if (connection === null) throw new NotFound();
    if (connection.tenantId !== null) throw new ConnectionNotShared();
    return connection;
  }

  private async getIn(runner: StatementRunner, id: string): Promise<ConnectionView> {
    const [view] = await this.read(runner, [null, null, null, id, 1]);
    if (view === undefined) throw new NotFound();
    return view;
  }

  private async read(runner: StatementRunner, parameters: unknown[]): Promise<ConnectionView[]> {
    const rows = (await runner.query(readConnections.text, parameters)) as ConnectionRow[];
    return rows.map((row) => ({
      id: row.id,
      tenantId: row.tenant_id,
      name: row.name,
      maxPerSecond: row.max_per_second,
      keyVerdict: row.key_verdict,
      keyCheckedAt: row.key_checked_at,
      accounts: row.accounts,
      rate: row.rate,
      learnedLimit: row.learned_limit,
      pausedAt: row.paused_at,
      pauseReason: row.pause_reason,
      inboundUrl: this.callbackUrls.forInbound(row.id),
      createdAt: row.created_at,
      updatedAt: row.updated_at,
    }));
  }

  private run<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.controlPlane.run({ role: 'operator' }, work);
  }
}

function audited({ name, maxPerSecond }: ConnectionSettings): Record<string, unknown> {
  return { name, max_per_second: maxPerSecond };
}
