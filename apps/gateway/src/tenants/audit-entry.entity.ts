import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { ActorKind } from './actor.js';

/** One write that is not a message: who did what to which object. Never changed, never deleted. */
@Entity('audit_log')
@Index('audit_log_id_idx', ['id'])
export class AuditEntry {
  /** The nil UUID for an act of an operator that concerns no tenant. */
  @PrimaryColumn('uuid', { name: 'tenant_id', primaryKeyConstraintName: 'audit_log_pkey' })
  tenantId: string;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'audit_log_pkey' })
  id: string;

  @Column('timestamptz', { default: () => 'app_clock()' })
  at: Date;

  @Column('text', { name: 'actor_kind' })
  actorKind: ActorKind;

  @Column('text', { name: 'actor_id' })
  actorId: string;

  @Column('text')
  action: string;

  @Column('text', { name: 'object_kind' })
  objectKind: string;

  @Column('text', { name: 'object_id' })
  objectId: string;

  /** The fields that changed, as they were; without secrets. */
  @Column('jsonb', { nullable: true })
  before: Record<string, unknown> | null;

  @Column('jsonb', { nullable: true })
  after: Record<string, unknown> | null;

  @Column('text', { name: 'request_id', nullable: true })
  requestId: string | null;
}
