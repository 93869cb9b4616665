import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { Tenant } from '../tenants/index.js';
import { ConnectionState } from './connection-state.entity.js';

/** What a check of the key showed. `plausible`: the provider did not object, which is all that can be known. */
export type KeyVerdict = 'unchecked' | 'plausible' | 'refused' | 'unreachable';
export const keyVerdicts: readonly KeyVerdict[] = [
  'unchecked',
  'plausible',
  'refused',
  'unreachable',
];

/** One provider credential. */
@Entity('connections')
@Index('connections_tenant_idx', ['tenantId'])
@Index('connections_fingerprint_idx', ['fingerprint'])
@Check('connections_max_check', 'max_per_second > 0')
@Check(
  'connections_verdict_check',
  `key_verdict in ('unchecked', 'plausible', 'refused', 'unreachable')`,
)
export class Connection {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'connections_pkey' })
  id: string;

  /** null where the operator owns it. */
  @Column('uuid', { name: 'tenant_id', nullable: true })
  tenantId: string | null;

  @ManyToOne(() => Tenant)
  @JoinColumn({ name: 'tenant_id', foreignKeyConstraintName: 'connections_tenant_fkey' })
  tenant?: Tenant | null;

  @Column('text')
  name: string;

  /** Opens with `providerKeyContext`. */
  @Column('text', { name: 'sealed_key' })
  sealedKey: string;

  @Column('integer', { name: 'key_version', default: 1 })
  keyVersion: number;

  @Column('bytea')
  fingerprint: Buffer;

  @ManyToOne(() => ConnectionState)
  @JoinColumn({ name: 'fingerprint', foreignKeyConstraintName: 'connections_state_fkey' })
  state?: ConnectionState;

  @Column('double precision', { name: 'max_per_second', nullable: true })
  maxPerSecond: number | null;

  @Column('text', { name: 'key_verdict', default: 'unchecked' })
  keyVerdict: KeyVerdict;

  @Column('timestamptz', { name: 'key_checked_at', nullable: true })
  keyCheckedAt: Date | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'app_clock()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'app_clock()' })
  updatedAt: Date;
}

/** Binds a sealed key to its place: it opens in no other row and under no other version. */
export function providerKeyContext(
  connection: Pick<Connection, 'tenantId' | 'id' | 'keyVersion'>,
): string[] {
  const { tenantId, id, keyVersion } = connection;
  return [tenantId ?? 'operator', id, 'provider_key', String(keyVersion)];
}
