import { Check, Column, Entity, PrimaryColumn, Unique } from 'typeorm';

export type TenantStatus = 'active' | 'suspended';
export type DeliveryMode = 'at_most_once' | 'at_least_once';
export const deliveryModes: readonly DeliveryMode[] = ['at_most_once', 'at_least_once'];

/** A customer of the installation. */
@Entity('tenants')
@Unique('tenants_external_id_key', ['externalId'])
@Check('tenants_status_check', `status in ('active', 'suspended')`)
@Check('tenants_delivery_mode_check', `default_delivery_mode in ('at_most_once', 'at_least_once')`)
export class Tenant {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'tenants_pkey' })
  id: string;

  @Column('text')
  name: string;

  /** The operator's own id of the customer. */
  @Column('text', { name: 'external_id', nullable: true })
  externalId: string | null;

  @Column('text', { default: 'active' })
  status: TenantStatus;

  @Column('text', { name: 'default_delivery_mode', default: 'at_most_once' })
  defaultDeliveryMode: DeliveryMode;

  @Column('timestamptz', { name: 'suspended_at', nullable: true })
  suspendedAt: Date | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'app_clock()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'app_clock()' })
  updatedAt: Date;
}
