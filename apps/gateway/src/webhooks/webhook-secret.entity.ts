import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { WebhookEndpoint } from './webhook-endpoint.entity.js';

/** What signs an endpoint's deliveries. The highest version is the current one; earlier ones sign until they expire. */
@Entity('webhook_secrets')
export class WebhookSecret {
  @PrimaryColumn('uuid', { name: 'tenant_id', primaryKeyConstraintName: 'webhook_secrets_pkey' })
  tenantId: string;

  @PrimaryColumn('uuid', { name: 'endpoint_id', primaryKeyConstraintName: 'webhook_secrets_pkey' })
  endpointId: string;

  @PrimaryColumn('integer', { primaryKeyConstraintName: 'webhook_secrets_pkey' })
  version: number;

  @ManyToOne(() => WebhookEndpoint, { onDelete: 'CASCADE' })
  @JoinColumn([
    {
      name: 'tenant_id',
      referencedColumnName: 'tenantId',
      foreignKeyConstraintName: 'webhook_secrets_endpoint_fkey',
    },
    {
      name: 'endpoint_id',
      referencedColumnName: 'id',
      foreignKeyConstraintName: 'webhook_secrets_endpoint_fkey',
    },
  ])
  endpoint?: WebhookEndpoint;

  @Column('text', { name: 'sealed_secret' })
  sealedSecret: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'app_clock()' })
  createdAt: Date;

  /** null: until it is replaced. */
  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt: Date | null;
}
