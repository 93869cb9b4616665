import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { Tenant, type DeliveryMode } from '../tenants/index.js';
import { Connection } from './connection.entity.js';

export type Category = 'promotional' | 'transactional';
export const categories: readonly Category[] = ['promotional', 'transactional'];

/** What becomes of a new message while its account is paused: it is accepted and held, or refused. */
export type WhenPaused = 'hold' | 'reject';
export const whenPausedChoices: readonly WhenPaused[] = ['hold', 'reject'];

/** A tenant's right to send over a connection. */
@Entity('accounts')
@Index('accounts_connection_idx', ['connectionId'])
@Check('accounts_category_check', `default_category in ('promotional', 'transactional')`)
@Check('accounts_delivery_mode_check', `default_delivery_mode in ('at_most_once', 'at_least_once')`)
@Check('accounts_when_paused_check', `when_paused in ('hold', 'reject')`)
export class Account {
  @PrimaryColumn('uuid', { name: 'tenant_id', primaryKeyConstraintName: 'accounts_pkey' })
  tenantId: string;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'accounts_pkey' })
  id: string;

  @ManyToOne(() => Tenant)
  @JoinColumn({ name: 'tenant_id', foreignKeyConstraintName: 'accounts_tenant_fkey' })
  tenant?: Tenant;

  @Column('uuid', { name: 'connection_id' })
  connectionId: string;

  @ManyToOne(() => Connection)
  @JoinColumn({ name: 'connection_id', foreignKeyConstraintName: 'accounts_connection_fkey' })
  connection?: Connection;

  @Column('text')
  name: string;

  /** Empty: any sender. */
  @Column('text', { array: true, default: '{}' })
  senders: string[];

  @Column('text', { name: 'default_sender', nullable: true })
  defaultSender: string | null;

  @Column('text', { name: 'default_category', nullable: true })
  defaultCategory: Category | null;

  @Column('text', { name: 'default_delivery_mode', nullable: true })
  defaultDeliveryMode: DeliveryMode | null;

  @Column('text', { name: 'when_paused', default: 'hold' })
  whenPaused: WhenPaused;

  /** Made by the operator, on a connection of the operator's; its tenant cannot change it. */
  @Column('boolean', { default: false })
  managed: boolean;

  @Column('timestamptz', { name: 'created_at', default: () => 'app_clock()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'app_clock()' })
  updatedAt: Date;

  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  deletedAt: Date | null;
}
