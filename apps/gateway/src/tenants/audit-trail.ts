import { Injectable } from '@nestjs/common';
import { In, LessThan, type EntityManager, type FindOptionsWhere } from 'typeorm';
import { ControlPlane } from '../platform/database/index.js';
import { Ids } from '../platform/ids/index.js';
import type { Actor } from './actor.js';
import type { Caller } from './caller.js';
import { AuditEntry } from './audit-entry.entity.js';
import type { Page, PageRequest } from './page.js';
import { pageOf } from './page.js';

/** Stands for "no tenant" where an act of an operator concerns the installation. */
export const noTenant = '00000000-0000-0000-0000-000000000000';

export type AuditedKind =
  | 'tenant'
  | 'api_key'
  | 'account'
  | 'connection'
  | 'callback_key'
  | 'inbound_message'
  | 'suppression'
  | 'stop_words'
  | 'webhook_endpoint'
  | 'installation';

export interface AuditedAct {
  readonly tenantId: string;
  readonly actor: Actor;
  /** `<object kind>.<what was done>`, such as `account.paused`. */
  readonly action: `${AuditedKind}.${string}`;
  readonly object: { readonly kind: AuditedKind; readonly id: string };
  /** Never with a secret in them. */
  readonly before?: Record<string, unknown> | null;
  readonly after?: Record<string, unknown> | null;
}

/** The append-only log of every write that is not a message. */
@Injectable()
export class AuditTrail {
  constructor(
    private readonly controlPlane: ControlPlane,
    private readonly ids: Ids,
  ) {}

  /** Adds a row in the caller's transaction: the act and its record stand or fall together. */
  async record(manager: EntityManager, act: AuditedAct): Promise<void> {
    await manager.insert(AuditEntry, {
      tenantId: act.tenantId,
      id: this.ids.next(),
      actorKind: act.actor.kind,
      actorId: act.actor.id,
      action: act.action,
      objectKind: act.object.kind,
      objectId: act.object.id,
      before: act.before ?? null,
      after: act.after ?? null,
      requestId: act.actor.requestId,
    } as never);
  }

  /**
   * Newest first.
   * @param accountIds only what was done to these accounts; null for everything
   */
  listForTenant(
    { tenantId, accountIds }: Pick<Caller, 'tenantId' | 'accountIds'>,
    page: PageRequest,
  ): Promise<Page<AuditEntry>> {
    const ofAccounts =
      accountIds === null ? {} : { objectKind: 'account', objectId: In([...accountIds]) };
    return this.controlPlane.read({ role: 'tenant', tenantId }, (manager) =>
      this.list(manager, page, { tenantId, ...ofAccounts }),
    );
  }

  /** Newest first, over all tenants or of one. */
  listForOperator(page: PageRequest, tenantId: string | null): Promise<Page<AuditEntry>> {
    return this.controlPlane.read({ role: 'operator' }, (manager) =>
      this.list(manager, page, tenantId === null ? {} : { tenantId }),
    );
  }

  private async list(
    manager: EntityManager,
    page: PageRequest,
    filter: FindOptionsWhere<AuditEntry>,
  ): Promise<Page<AuditEntry>> {
    const rows = await manager.find(AuditEntry, {
      where: { ...filter, ...(page.after === null ? {} : { id: LessThan(page.after) }) },
      order: { id: 'DESC' },
      take: page.limit + 1,
    });
    return pageOf(rows, page.limit);
  }
}

/** Of two states of an object, the fields that differ: what `before` and `after` should hold. */
export function changesBetween(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): { before: Record<string, unknown>; after: Record<string, unknown> } {
  const changed = Object.keys(after).filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
  const pick = (state: Record<string, unknown>) =>
    Object.fromEntries(changed.map((name) => [name, state[name] ?? null]));
  return { before: pick(before), after: pick(after) };
}
