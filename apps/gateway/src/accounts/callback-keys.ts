import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Vault } from '../platform/crypto/index.js';
import { ControlPlane, Database, sqlFile } from '../platform/database/index.js';
import { AuditTrail, noTenant, type Actor } from '../tenants/index.js';

const readCallbackKeys = sqlFile(import.meta.url, './sql/read-callback-keys.sql');

/** A key that signs callback URLs. */
export interface CallbackKey {
  readonly id: number;
  readonly secret: Buffer;
  readonly createdAt: Date;
  /** null while it signs. */
  readonly retiredAt: Date | null;
}

interface CallbackKeyRow {
  readonly id: number;
  readonly sealed_key: string;
  readonly created_at: Date;
  readonly retired_at: Date | null;
}

export interface CallbackKeyRotation {
  readonly id: number;
  readonly createdAt: Date;
  readonly retired: readonly number[];
}

/** The stored keys of callback URLs: made at first start, replaced by an operator, never deleted. */
@Injectable()
export class CallbackKeys {
  constructor(
    private readonly controlPlane: ControlPlane,
    private readonly database: Database,
    private readonly vault: Vault,
    private readonly audit: AuditTrail,
  ) {}

  /** Oldest first. */
  async list(): Promise<CallbackKey[]> {
    const rows = await this.database.transaction('reads', { role: 'worker' }, (transaction) =>
      transaction.query<CallbackKeyRow>(readCallbackKeys),
    );
    return rows.map((row) => ({
      id: row.id,
      secret: Buffer.from(this.vault.open(row.sealed_key, contextOf(row.id)), 'base64url'),
      createdAt: row.created_at,
      retiredAt: row.retired_at,
    }));
  }

  /** Makes the first key. Of processes that start at once, one makes it and the others find it. */
  async ensureOne(): Promise<void> {
    await this.controlPlane.run({ role: 'operator' }, async (manager) => {
      await lockTable(manager);
      const [found] = (await manager.query(
        'select 1 from callback_keys where retired_at is null limit 1',
      )) as unknown[];
      if (found !== undefined) return;
      const { id } = await this.insert(manager);
      await this.audit.record(manager, {
        tenantId: noTenant,
        actor: { kind: 'system', id: 'first_start', requestId: null },
        action: 'callback_key.created',
        object: { kind: 'callback_key', id: String(id) },
      });
    });
  }

  /** Makes a new key and retires the others. */
  rotate(actor: Actor): Promise<CallbackKeyRotation> {
    return this.controlPlane.run({ role: 'operator' }, async (manager) => {
      await lockTable(manager);
      const [retired] = (await manager.query(
        'update callback_keys set retired_at = app_clock() where retired_at is null returning id',
      )) as [{ id: number }[], number];
      const made = await this.insert(manager);
      const rotation = { ...made, retired: retired.map(({ id }) => id) };
      await this.audit.record(manager, {
        tenantId: noTenant,
        actor,
        action: 'callback_key.rotated',
        object: { kind: 'callback_key', id: String(made.id) },
        after: { retired: rotation.retired },
      });
      return rotation;
    });
  }

  private async insert(manager: EntityManager): Promise<{ id: number; createdAt: Date }> {
    const [row] = (await manager.query(
      `insert into callback_keys (sealed_key) values ('') returning id, created_at`,
    )) as [{ id: number; created_at: Date }];
    // Sealed for its id, which is known only now; nobody sees the row before the commit.
    const sealed = this.vault.seal(randomBytes(32).toString('base64url'), contextOf(row.id));
    await manager.query('update callback_keys set sealed_key = $1 where id = $2', [sealed, row.id]);
    return { id: row.id, createdAt: row.created_at };
  }
}

/** Writers wait for one another, readers for nobody. */
async function lockTable(manager: EntityManager): Promise<void> {
  await manager.query('lock table callback_keys in share row exclusive mode');
}

function contextOf(id: number): string[] {
  return ['callback_keys', String(id), 'sealed_key'];
}
