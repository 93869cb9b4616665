import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';

/** On whose behalf the control plane is read or edited. */
export type ControlPlaneActor =
  | { readonly role: 'tenant'; readonly tenantId: string }
  | { readonly role: 'operator' }
  | { readonly role: 'worker' };

/**
 * TypeORM for tenants, keys, accounts and endpoints. Every use is one transaction under a role, so that
 * row level security stands behind each repository and nothing runs as the login itself.
 */
@Injectable()
export class ControlPlane {
  constructor(private readonly dataSource: DataSource) {}

  async run<T>(actor: ControlPlaneActor, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.dataSource.transaction(async (manager) => {
      await manager.query(`set local role tyrian_${actor.role}`);
      await manager.query(
        `select set_config('tyrian.tenant_id', $1, true), set_config('lock_timeout', '1000', true),
          set_config('idle_in_transaction_session_timeout', '2000', true), set_config('statement_timeout', '5000', true)`,
        [actor.role === 'tenant' ? actor.tenantId : ''],
      );
      return work(manager);
    });
  }
}
