import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { Account } from './account.entity.js';
import { Connection } from './connection.entity.js';
import type { PausedBy } from './lane-pause.js';
import type { LaneReport } from './lane-report.js';

/** The stream of provider calls of one account. Its owner and token are written by the workers alone. */
@Entity('lanes')
@Index('lanes_at_work_idx', { synchronize: false })
@Check('lanes_weight_check', 'weight between 1 and 1000')
@Check('lanes_paused_check', '(paused_at is null) = (paused_by is null)')
@Check('lanes_paused_by_check', `paused_by in ('tenant', 'operator', 'both', 'deletion')`)
export class Lane {
  @PrimaryColumn('uuid', { name: 'tenant_id', primaryKeyConstraintName: 'lanes_pkey' })
  tenantId: string;

  @PrimaryColumn('uuid', { name: 'account_id', primaryKeyConstraintName: 'lanes_pkey' })
  accountId: string;

  @ManyToOne(() => Account)
  @JoinColumn([
    {
      name: 'tenant_id',
      referencedColumnName: 'tenantId',
      foreignKeyConstraintName: 'lanes_account_fkey',
    },
    {
      name: 'account_id',
      referencedColumnName: 'id',
      foreignKeyConstraintName: 'lanes_account_fkey',
    },
  ])
  account?: Account;

  @Column('uuid', { name: 'connection_id' })
  connectionId: string;

  @ManyToOne(() => Connection)
  @JoinColumn({ name: 'connection_id', foreignKeyConstraintName: 'lanes_connection_fkey' })
  connection?: Connection;

  /** Its part of a connection that several lanes share. */
  @Column('smallint', { default: 1 })
  weight: number;

  @Column('uuid', { nullable: true })
  owner: string | null;

  @Column('bigint', { default: 0 })
  token: string;

  @Column('boolean', { name: 'has_work', default: false })
  hasWork: boolean;

  @Column('timestamptz', { name: 'active_since', nullable: true })
  activeSince: Date | null;

  @Column('timestamptz', { name: 'paused_at', nullable: true })
  pausedAt: Date | null;

  @Column('text', { name: 'paused_by', nullable: true })
  pausedBy: PausedBy | null;

  @Column('text', { name: 'pause_reason', nullable: true })
  pauseReason: string | null;

  @Column('jsonb', { nullable: true })
  report: LaneReport | null;

  /** The worker that an operator told to give it up; null for none. */
  @Column('uuid', { name: 'hand_over_from', nullable: true })
  handOverFrom: string | null;

  /** When an operator asked its owner to probe; null since the present one owns it. */
  @Column('timestamptz', { name: 'probe_asked_at', nullable: true })
  probeAskedAt: Date | null;
}
