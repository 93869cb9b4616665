import { Check, Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { Tenant } from '../tenants/index.js';

export type EndpointStatus = 'enabled' | 'disabled';
export const endpointStatuses: readonly EndpointStatus[] = ['enabled', 'disabled'];

/** `gone`: it answered 410. `failing`: it took nothing for five days. `by_tenant`: it was switched off. */
export type DisabledReason = 'gone' | 'failing' | 'by_tenant';
export const disabledReasons: readonly DisabledReason[] = ['gone', 'failing', 'by_tenant'];

/** Where a tenant wants its events delivered. */
@Entity('webhook_endpoints')
@Check('webhook_endpoints_status_check', `status in ('enabled', 'disabled')`)
@Check('webhook_endpoints_reason_check', `disabled_reason in ('gone', 'failing', 'by_tenant')`)
@Check(
  'webhook_endpoints_disabled_check',
  `(status = 'disabled') = (disabled_at is not null and disabled_reason is not null)`,
)
export class WebhookEndpoint {
  @PrimaryColumn('uuid', { name: 'tenant_id', primaryKeyConstraintName: 'webhook_endpoints_pkey' })
  tenantId: string;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'webhook_endpoints_pkey' })
  id: string;

  @ManyToOne(() => Tenant)
  @JoinColumn({ name: 'tenant_id', foreignKeyConstraintName: 'webhook_endpoints_tenant_fkey' })
  tenant?: Tenant;

  @Column('text')
  url: string;

  /** null: the default ones, those that a later release adds too. */
  @Column('text', { array: true, nullable: true })
  events: string[] | null;

  /** null: all accounts, and what concerns none. */
  @Column('uuid', { name: 'account_ids', array: true, nullable: true })
  accountIds: string[] | null;

  @Column('text', { nullable: true })
  description: string | null;

  @Column('text', { default: 'enabled' })
  status: EndpointStatus;

  @Column('text', { name: 'disabled_reason', nullable: true })
  disabledReason: DisabledReason | null;

  @Column('timestamptz', { name: 'disabled_at', nullable: true })
  disabledAt: Date | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'app_clock()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'app_clock()' })
  updatedAt: Date;
}
