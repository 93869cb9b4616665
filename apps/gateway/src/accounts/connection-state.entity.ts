import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** What the provider limits: a key, by its keyed fingerprint, however many connections carry it. */
@Entity('connection_states')
@Check('connection_states_pause_check', '(paused_at is null) = (pause_reason is null)')
@Check('connection_states_rate_check', 'rate > 0')
export class ConnectionState {
  @PrimaryColumn('bytea', { primaryKeyConstraintName: 'connection_states_pkey' })
  fingerprint: Buffer;

  /** Every change of the pause raises it. */
  @Column('bigint', { default: 1 })
  epoch: string;

  @Column('timestamptz', { name: 'paused_at', nullable: true })
  pausedAt: Date | null;

  @Column('text', { name: 'pause_reason', nullable: true })
  pauseReason: string | null;

  /** Calls a second, sends and polls together. */
  @Column('double precision', { default: 5 })
  rate: number;

  @Column('double precision', { name: 'learned_limit', nullable: true })
  learnedLimit: number | null;

  @Column('timestamptz', { name: 'decreased_at', nullable: true })
  decreasedAt: Date | null;

  @Column('timestamptz', { name: 'not_before', nullable: true })
  notBefore: Date | null;

  @Column('timestamptz', { name: 'probe_until', nullable: true })
  probeUntil: Date | null;

  @Column('uuid', { name: 'probe_by', nullable: true })
  probeBy: string | null;

  @Column('timestamptz', { name: 'updated_at', default: () => 'app_clock()' })
  updatedAt: Date;
}
