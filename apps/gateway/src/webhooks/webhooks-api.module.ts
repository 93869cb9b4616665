// Owns no table.
// Offers /v1/webhook-endpoints.
// May call WebhooksModule; expects KnownAccounts from a global module.
import { Module } from '@nestjs/common';
import { WebhookDeliveries } from './webhook-deliveries.js';
import { WebhookEndpointsController } from './webhook-endpoints.controller.js';
import { WebhookEndpointsService } from './webhook-endpoints.service.js';
import { WebhookTester } from './webhook-tester.js';
import { WebhooksModule } from './webhooks.module.js';

@Module({
  imports: [WebhooksModule],
  controllers: [WebhookEndpointsController],
  providers: [WebhookDeliveries, WebhookEndpointsService, WebhookTester],
})
export class WebhooksApiModule {}
