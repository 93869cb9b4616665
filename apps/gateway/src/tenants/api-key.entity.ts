import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, Unique } from 'typeorm';
import { Tenant } from './tenant.entity.js';

/** How a tenant's backend signs in. The key itself is not kept. */
@Entity('api_keys')
@Unique('api_keys_prefix_key', ['prefix'])
export class ApiKey {
  @PrimaryColumn('uuid', { name: 'tenant_id', primaryKeyConstraintName: 'api_keys_pkey' })
  tenantId: string;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'api_keys_pkey' })
  id: string;

  @ManyToOne(() => Tenant)
  @JoinColumn({ name: 'tenant_id', foreignKeyConstraintName: 'api_keys_tenant_fkey' })
  tenant?: Tenant;

  @Column('text')
  name: string;

  @Column('text')
  prefix: string;

  @Column('bytea', { name: 'secret_hash' })
  secretHash: Buffer;

  @Column('text', { array: true })
  scopes: string[];

  /** null: all accounts of the tenant, later ones too. */
  @Column('uuid', { name: 'account_ids', array: true, nullable: true })
  accountIds: string[] | null;

  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt: Date | null;

  @Column('timestamptz', { name: 'revoked_at', nullable: true })
  revokedAt: Date | null;

  /** The key that took its place in a rotation. */
  @Column('uuid', { name: 'replaced_by', nullable: true })
  replacedBy: string | null;

  /** To the minute: written at most once a minute, behind the requests. */
  @Column('timestamptz', { name: 'last_used_at', nullable: true })
  lastUsedAt: Date | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'app_clock()' })
  createdAt: Date;
}
