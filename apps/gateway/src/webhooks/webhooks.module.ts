import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { MessagesModule } from '../messages/index.js';
import { TenantsModule } from '../tenants/index.js';
import { EndpointEvents } from './endpoint-events.js';
import { EndpointTargets } from './endpoint-targets.js';
import { SigningSecrets } from './signing-secrets.js';
import { WebhookEndpoint } from './webhook-endpoint.entity.js';
import { WebhookLine } from './webhook-line.entity.js';
import { WebhookSecret } from './webhook-secret.entity.js';
import { WebhookSender } from './webhook-sender.js';

const offered = [EndpointEvents, EndpointTargets, SigningSecrets, WebhookSender];

/**
 * Owns: webhook_endpoints, webhook_secrets, webhook_lines, webhook_deliveries.
 * Offers: what both roles need: endpoints with their secrets, and the signed call.
 * Calls: messages (events as they are told), tenants, the outbound client, the vault.
 */
@Module({
  imports: [
    MessagesModule,
    TenantsModule,
    TypeOrmModule.forFeature([WebhookEndpoint, WebhookSecret, WebhookLine]),
  ],
  providers: offered,
  exports: [...offered, MessagesModule, TenantsModule],
})
export class WebhooksModule {}
