import { Module } from '@nestjs/common';
import { TimelineModule } from '../timeline/index.js';
import { AttemptRecorder } from './attempt-recorder.js';
import { ClaimReleaser } from './claim-releaser.js';
import { DeliveryClaimer } from './delivery-claimer.js';
import { DeliveryKeeper } from './delivery-keeper.js';
import { DeliveryPlanner } from './delivery-planner.js';
import { WebhookDeliverer } from './webhook-deliverer.js';
import { WebhookWorker } from './webhook-worker.js';
import { WebhooksModule } from './webhooks.module.js';

/**
 * Owns: deliveries and their lines, from the relay to the last attempt.
 * Offers: its loops, in the worker role only.
 * Calls: timeline (the relay), messages (events as they are told), the outbound client.
 */
@Module({
  imports: [TimelineModule, WebhooksModule],
  providers: [
    AttemptRecorder,
    ClaimReleaser,
    DeliveryClaimer,
    DeliveryKeeper,
    DeliveryPlanner,
    WebhookDeliverer,
    WebhookWorker,
  ],
})
export class WebhooksWorkerModule {}
