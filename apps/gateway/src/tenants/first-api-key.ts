import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Configuration } from '../platform/config/index.js';
import { ControlPlane } from '../platform/database/index.js';
import { Ids } from '../platform/ids/index.js';
import { Log } from '../platform/logging/index.js';
import type { Actor } from './actor.js';
import { makeApiKey, readApiKey } from './api-key-secret.js';
import { AuditTrail } from './audit-trail.js';
import { allScopes } from './scopes.js';
import { Tenant } from './tenant.entity.js';

/** The key that a tenant starts with. In development DEV_API_KEY fixes that of the first tenant. */
@Injectable()
export class FirstApiKey implements OnApplicationBootstrap {
  private readonly fixedKey: string | null;

  constructor(
    { development }: Configuration,
    private readonly controlPlane: ControlPlane,
    private readonly ids: Ids,
    private readonly audit: AuditTrail,
    private readonly log: Log,
  ) {
    this.fixedKey = development.apiKey;
  }

  /** A database that already has tenants learns a new DEV_API_KEY too: it goes to the oldest one. */
  async onApplicationBootstrap(): Promise<void> {
    const { fixedKey } = this;
    if (fixedKey === null) return;
    const actor: Actor = { kind: 'system', id: 'DEV_API_KEY', requestId: null };
    await this.controlPlane.run({ role: 'operator' }, async (manager) => {
      const [oldest] = await manager.find(Tenant, { order: { id: 'ASC' }, take: 1 });
      if (oldest === undefined || !(await this.insert(manager, oldest, fixedKey, actor))) return;
      this.log.info({ tenant: oldest.name }, 'attached DEV_API_KEY to the oldest tenant');
    });
  }

  /** @returns the key, to be shown once */
  async addTo(manager: EntityManager, tenant: Tenant, actor: Actor): Promise<string> {
    const { fixedKey } = this;
    if (fixedKey !== null && (await this.insert(manager, tenant, fixedKey, actor))) return fixedKey;
    const key = makeApiKey();
    await this.insert(manager, tenant, key, actor);
    return key;
  }

  /** @returns false where a key with this prefix is known already */
  private async insert(
    manager: EntityManager,
    tenant: Tenant,
    text: string,
    actor: Actor,
  ): Promise<boolean> {
    const key = readApiKey(text);
    if (key === null) throw new TypeError('not an API key');
    const id = this.ids.next();
    const scopes = [allScopes];
    const inserted = (await manager.query(
      `insert into api_keys (tenant_id, id, name, prefix, secret_hash, scopes)
       values ($1, $2, 'First key', $3, $4, $5)
       on conflict do nothing returning id`,
      [tenant.id, id, key.prefix, key.hash, scopes],
    )) as unknown[];
    if (inserted.length === 0) return false;
    await this.audit.record(manager, {
      tenantId: tenant.id,
      actor,
      action: 'api_key.created',
      object: { kind: 'api_key', id },
      after: { name: 'First key', prefix: key.prefix, scopes },
    });
    return true;
  }
}
