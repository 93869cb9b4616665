import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { WebhookEndpoint } from './webhook-endpoint.entity.js';

/** How deliveries to an endpoint go at present. */
@Entity('webhook_lines')
@Index('webhook_lines_next_idx', ['nextAt'], { where: 'next_at is not null' })
export class WebhookLine {
  @PrimaryColumn('uuid', { name: 'tenant_id', primaryKeyConstraintName: 'webhook_lines_pkey' })
  tenantId: string;

  @PrimaryColumn('uuid', { name: 'endpoint_id', primaryKeyConstraintName: 'webhook_lines_pkey' })
  endpointId: string;

  @ManyToOne(() => WebhookEndpoint, { onDelete: 'CASCADE' })
  @JoinColumn([
    {
      name: 'tenant_id',
      referencedColumnName: 'tenantId',
      foreignKeyConstraintName: 'webhook_lines_endpoint_fkey',
    },
    {
      name: 'endpoint_id',
      referencedColumnName: 'id',
      foreignKeyConstraintName: 'webhook_lines_endpoint_fkey',
    },
  ])
  endpoint?: WebhookEndpoint;

  /** When to look for something to deliver; null: nothing waits. */
  @Column('timestamptz', { name: 'next_at', nullable: true })
  nextAt: Date | null;

  /** Nothing goes out before: it asked for time, or the breaker is open. */
  @Column('timestamptz', { name: 'not_before', nullable: true })
  notBefore: Date | null;

  /** In a row. */
  @Column('integer', { default: 0 })
  failures: number;

  @Column('timestamptz', { name: 'failing_since', nullable: true })
  failingSince: Date | null;
}
