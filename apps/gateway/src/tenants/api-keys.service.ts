import { Injectable } from '@nestjs/common';
import { LessThan, type EntityManager } from 'typeorm';
import { Clock } from '../platform/clock/index.js';
import { ControlPlane } from '../platform/database/index.js';
import { NotFound } from '../platform/errors/index.js';
import { Ids, showId } from '../platform/ids/index.js';
import type { Actor } from './actor.js';
import { ApiKeyDirectory } from './api-key-directory.js';
import { makeApiKey, readApiKey } from './api-key-secret.js';
import { ApiKey } from './api-key.entity.js';
import { AuditTrail } from './audit-trail.js';
import type { Caller } from './caller.js';
import { assertMayGrant, type Grant } from './grant.js';
import { pageOf, type Page, type PageRequest } from './page.js';
import { KnownAccounts } from './known-accounts.js';
import { Tenant } from './tenant.entity.js';
import { AccountUnknown, ApiKeyNotActive } from './tenants.errors.js';

export interface NewApiKey {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly accountIds: readonly string[] | null;
  /** null: never. */
  readonly expiresAt: Date | null;
}

export interface Rotation {
  /** How long the old key goes on working, in seconds. */
  readonly overlapSeconds: number;
  /** When the new key ends; undefined keeps the old one's date. */
  readonly expiresAt?: Date | null;
}

export interface ShownApiKey {
  readonly apiKey: ApiKey;
  /** The key itself: shown once, never kept. */
  readonly secret: string;
}

/** A tenant's own keys. No key can give what it does not have: neither scopes, nor accounts, nor time. */
@Injectable()
export class ApiKeysService {
  constructor(
    private readonly controlPlane: ControlPlane,
    private readonly ids: Ids,
    private readonly clock: Clock,
    private readonly audit: AuditTrail,
    private readonly directory: ApiKeyDirectory,
    private readonly accounts: KnownAccounts,
  ) {}

  /** @throws InsufficientScope, AccountNotAllowed, AccountUnknown, LifetimeNotAllowed */
  async create(caller: Caller, wanted: NewApiKey, actor: Actor): Promise<ShownApiKey> {
    assertMayGrant(caller, wanted);
    const { tenantId } = caller;
    return this.run(tenantId, (manager) => this.make(manager, tenantId, wanted, actor));
  }

  /**
   * On an operator's word, such as for a tenant that revoked its last key.
   * @throws NotFound for a tenant that does not exist, AccountUnknown
   */
  async createForTenant(tenantId: string, wanted: NewApiKey, actor: Actor): Promise<ShownApiKey> {
    return this.controlPlane.run({ role: 'operator' }, async (manager) => {
      if (!(await manager.existsBy(Tenant, { id: tenantId }))) throw new NotFound();
      return this.make(manager, tenantId, wanted, actor);
    });
  }

  private async make(
    manager: EntityManager,
    tenantId: string,
    wanted: NewApiKey,
    actor: Actor,
  ): Promise<ShownApiKey> {
    await this.assertAccounts(manager, tenantId, wanted.accountIds ?? []);
    const made = await this.insert(manager, tenantId, wanted);
    await this.audit.record(manager, {
      tenantId,
      actor,
      action: 'api_key.created',
      object: { kind: 'api_key', id: made.apiKey.id },
      after: auditedApiKey(made.apiKey),
    });
    return made;
  }

  /** One answer for what does not exist and for what is another tenant's. @throws AccountUnknown */
  private async assertAccounts(
    manager: EntityManager,
    tenantId: string,
    accountIds: readonly string[],
  ): Promise<void> {
    if (accountIds.length === 0) return;
    const known = await this.accounts.among(manager, tenantId, accountIds);
    const index = accountIds.findIndex((id) => !known.has(id));
    if (index >= 0) throw new AccountUnknown(`/account_ids/${index}`);
  }

  /** Newest first, ended keys too. */
  list(tenantId: string, page: PageRequest): Promise<Page<ApiKey>> {
    return this.controlPlane.read({ role: 'tenant', tenantId }, async (manager) => {
      const rows = await manager.find(ApiKey, {
        where: { tenantId, ...(page.after === null ? {} : { id: LessThan(page.after) }) },
        order: { id: 'DESC' },
        take: page.limit + 1,
      });
      return pageOf(rows, page.limit);
    });
  }

  /** @throws NotFound */
  get(tenantId: string, id: string): Promise<ApiKey> {
    return this.controlPlane.read({ role: 'tenant', tenantId }, (manager) =>
      getApiKey(manager, tenantId, id),
    );
  }

  /**
   * Makes a key with the same rights in place of this one, which ends after the overlap.
   * @throws NotFound, ApiKeyNotActive; InsufficientScope and the like where the caller has less than the key
   */
  async rotate(caller: Caller, id: string, rotation: Rotation, actor: Actor): Promise<ShownApiKey> {
    const { tenantId } = caller;
    const { made, old } = await this.run(tenantId, async (manager) => {
      const old = await getApiKey(manager, tenantId, id, 'pessimistic_write');
      const { expiresAt = old.expiresAt } = rotation;
      // Otherwise a weak key could rotate a strong one and so come by its rights.
      assertMayGrant(caller, { ...grantOf(old), expiresAt });
      this.assertActive(old);
      const made = await this.insert(manager, tenantId, {
        ...grantOf(old),
        name: old.name,
        expiresAt,
      });
      const endsAt = this.endOf(old, rotation.overlapSeconds);
      await manager.update(
        ApiKey,
        { tenantId, id },
        { replacedBy: made.apiKey.id, expiresAt: endsAt },
      );
      await this.audit.record(manager, {
        tenantId,
        actor,
        action: 'api_key.rotated',
        object: { kind: 'api_key', id },
        before: { expires_at: old.expiresAt },
        after: { expires_at: endsAt, replaced_by: showId('key', made.apiKey.id) },
      });
      await this.audit.record(manager, {
        tenantId,
        actor,
        action: 'api_key.created',
        object: { kind: 'api_key', id: made.apiKey.id },
        after: auditedApiKey(made.apiKey),
      });
      return { made, old };
    });
    this.directory.invalidate(old.prefix);
    return made;
  }

  /**
   * Ends a key at once; on other replicas within seconds. Asking twice changes nothing.
   * @throws NotFound; InsufficientScope and the like where the caller has less than the key
   */
  async revoke(caller: Caller, id: string, actor: Actor): Promise<ApiKey> {
    const { tenantId } = caller;
    const key = await this.run(tenantId, async (manager) => {
      const before = await getApiKey(manager, tenantId, id, 'pessimistic_write');
      if (before.revokedAt !== null) return before;
      // A key may end itself and its equals, but not one that can do more.
      if (id !== caller.apiKeyId) assertMayGrant({ ...caller, expiresAt: null }, grantOf(before));
      await manager.update(ApiKey, { tenantId, id }, { revokedAt: () => 'app_clock()' });
      await this.audit.record(manager, {
        tenantId,
        actor,
        action: 'api_key.revoked',
        object: { kind: 'api_key', id },
        before: auditedApiKey(before),
      });
      return getApiKey(manager, tenantId, id);
    });
    this.directory.invalidate(key.prefix);
    return key;
  }

  private run<T>(tenantId: string, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.controlPlane.run({ role: 'tenant', tenantId }, work);
  }

  private async insert(
    manager: EntityManager,
    tenantId: string,
    wanted: NewApiKey,
  ): Promise<ShownApiKey> {
    const secret = makeApiKey();
    const { prefix, hash } = readApiKey(secret) as NonNullable<ReturnType<typeof readApiKey>>;
    const id = this.ids.next();
    await manager.insert(ApiKey, {
      tenantId,
      id,
      name: wanted.name,
      prefix,
      secretHash: hash,
      scopes: [...wanted.scopes],
      accountIds: wanted.accountIds === null ? null : [...wanted.accountIds],
      expiresAt: wanted.expiresAt,
    });
    return { apiKey: await getApiKey(manager, tenantId, id), secret };
  }

  private assertActive(key: ApiKey): void {
    if (key.revokedAt !== null) throw new ApiKeyNotActive('revoked');
    if (key.replacedBy !== null) throw new ApiKeyNotActive('replaced');
    if (key.expiresAt !== null && key.expiresAt.getTime() <= this.clock.nowMs()) {
      throw new ApiKeyNotActive('expired');
    }
  }

  private endOf(old: ApiKey, overlapSeconds: number): Date {
    const overlapEndMs = this.clock.nowMs() + overlapSeconds * 1_000;
    return new Date(Math.min(overlapEndMs, old.expiresAt?.getTime() ?? Infinity));
  }
}

async function getApiKey(
  manager: EntityManager,
  tenantId: string,
  id: string,
  lock?: 'pessimistic_write',
): Promise<ApiKey> {
  const key = await manager.findOne(ApiKey, {
    where: { tenantId, id },
    ...(lock === undefined ? {} : { lock: { mode: lock } }),
  });
  if (key === null) throw new NotFound();
  return key;
}

function grantOf({ scopes, accountIds, expiresAt }: ApiKey): Grant {
  return { scopes, accountIds, expiresAt };
}

function auditedApiKey(key: ApiKey): Record<string, unknown> {
  const { name, prefix, scopes } = key;
  const accountIds = key.accountIds?.map((id) => showId('acc', id)) ?? null;
  return { name, prefix, scopes, account_ids: accountIds, expires_at: key.expiresAt };
}
