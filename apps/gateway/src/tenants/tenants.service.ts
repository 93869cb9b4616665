import { Injectable } from '@nestjs/common';
import { LessThan, type EntityManager } from 'typeorm';
import { constraintOf, ControlPlane } from '../platform/database/index.js';
import { NotFound } from '../platform/errors/index.js';
import { Ids } from '../platform/ids/index.js';
import type { Actor } from './actor.js';
import { ApiKeyDirectory } from './api-key-directory.js';
import { ApiKey } from './api-key.entity.js';
import { AuditTrail, changesBetween } from './audit-trail.js';
import { FirstApiKey } from './first-api-key.js';
import { pageOf, type Page, type PageRequest } from './page.js';
import { Tenant, type DeliveryMode, type TenantStatus } from './tenant.entity.js';
import { ExternalIdTaken } from './tenants.errors.js';

export interface NewTenant {
  readonly name: string;
  readonly externalId: string | null;
  readonly defaultDeliveryMode: DeliveryMode;
}

export type TenantChanges = Partial<NewTenant>;

export interface TenantFilter {
  readonly externalId: string | null;
  readonly status: TenantStatus | null;
}

/** Operators' editing of tenants. */
@Injectable()
export class TenantsService {
  constructor(
    private readonly controlPlane: ControlPlane,
    private readonly ids: Ids,
    private readonly audit: AuditTrail,
    private readonly firstApiKey: FirstApiKey,
    private readonly directory: ApiKeyDirectory,
  ) {}

  /**
   * Makes a tenant with its first key, which has every scope.
   * @throws ExternalIdTaken
   */
  async create(wanted: NewTenant, actor: Actor): Promise<{ tenant: Tenant; secret: string }> {
    return this.write(async (manager) => {
      const id = this.ids.next();
      await manager.insert(Tenant, { id, ...wanted });
      const tenant = await getTenant(manager, id);
      await this.audit.record(manager, {
        tenantId: id,
        actor,
        action: 'tenant.created',
        object: { kind: 'tenant', id },
        after: auditedTenant(tenant),
      });
      const secret = await this.firstApiKey.addTo(manager, tenant, actor);
      return { tenant, secret };
    });
  }

  /** @throws NotFound */
  get(id: string): Promise<Tenant> {
    return this.controlPlane.read({ role: 'operator' }, (manager) => getTenant(manager, id));
  }

  /** Newest first. */
  list(page: PageRequest, filter: TenantFilter): Promise<Page<Tenant>> {
    return this.controlPlane.read({ role: 'operator' }, async (manager) => {
      const rows = await manager.find(Tenant, {
        where: {
          ...(page.after === null ? {} : { id: LessThan(page.after) }),
          ...(filter.externalId === null ? {} : { externalId: filter.externalId }),
          ...(filter.status === null ? {} : { status: filter.status }),
        },
        order: { id: 'DESC' },
        take: page.limit + 1,
      });
      return pageOf(rows, page.limit);
    });
  }

  /** @throws NotFound, ExternalIdTaken */
  update(id: string, changes: TenantChanges, actor: Actor): Promise<Tenant> {
    return this.change(id, changes, 'tenant.updated', actor);
  }

  /** Stops a tenant's sending and editing within seconds; asking twice changes nothing. @throws NotFound */
  suspend(id: string, actor: Actor): Promise<Tenant> {
    return this.change(id, { status: 'suspended' }, 'tenant.suspended', actor);
  }

  /** @throws NotFound */
  resume(id: string, actor: Actor): Promise<Tenant> {
    return this.change(id, { status: 'active' }, 'tenant.resumed', actor);
  }

  private async change(
    id: string,
    changes: TenantChanges & { status?: TenantStatus },
    action: `tenant.${string}`,
    actor: Actor,
  ): Promise<Tenant> {
    const { tenant, keys } = await this.write(async (manager) => {
      const before = await getTenant(manager, id, 'pessimistic_write');
      const diff = changesBetween(auditedTenant(before), auditedTenant({ ...before, ...changes }));
      if (Object.keys(diff.after).length === 0) return { tenant: before, keys: [] };
      const suspension =
        changes.status === undefined
          ? {}
          : { suspendedAt: changes.status === 'suspended' ? () => 'app_clock()' : null };
      await manager.update(
        Tenant,
        { id },
        { ...changes, ...suspension, updatedAt: () => 'app_clock()' },
      );
      await this.audit.record(manager, {
        tenantId: id,
        actor,
        action,
        object: { kind: 'tenant', id },
        ...diff,
      });
      const keys = await manager.find(ApiKey, {
        where: { tenantId: id },
        select: { prefix: true },
      });
      return { tenant: await getTenant(manager, id), keys };
    });
    // The guard holds the tenant's status beside each key.
    for (const { prefix } of keys) this.directory.invalidate(prefix);
    return tenant;
  }

  private async write<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    try {
      return await this.controlPlane.run({ role: 'operator' }, work);
    } catch (error) {
      throw constraintOf(error) === 'tenants_external_id_key' ? new ExternalIdTaken() : error;
    }
  }
}

async function getTenant(
  manager: EntityManager,
  id: string,
  lock?: 'pessimistic_write',
): Promise<Tenant> {
  const tenant = await manager.findOne(Tenant, {
    where: { id },
    ...(lock === undefined ? {} : { lock: { mode: lock } }),
  });
  if (tenant === null) throw new NotFound();
  return tenant;
}

function auditedTenant(tenant: Tenant): Record<string, unknown> {
  return {
    name: tenant.name,
    external_id: tenant.externalId,
    status: tenant.status,
    default_delivery_mode: tenant.defaultDeliveryMode,
  };
}
