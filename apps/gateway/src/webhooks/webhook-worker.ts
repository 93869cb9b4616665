import {
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Log } from '../platform/logging/index.js';
import { Loop } from '../platform/loops/index.js';
import { DeliveryKeeper } from './delivery-keeper.js';
import { WebhookDeliverer } from './webhook-deliverer.js';

const deliverEveryMs = 100;
const keepEveryMs = 60_000;

/** Runs the deliverer in the worker role, and keeps house behind it. */
@Injectable()
export class WebhookWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly deliveries: Loop;
  private readonly house: Loop;

  constructor(
    private readonly deliverer: WebhookDeliverer,
    keeper: DeliveryKeeper,
    log: Log,
  ) {
    this.deliveries = new Loop(() => deliverer.runOnce(() => this.deliveries.wake()), {
      name: 'webhooks',
      intervalMs: deliverEveryMs,
      log,
    });
    this.house = new Loop(() => keeper.runOnce(), {
      name: 'webhook-keeper',
      intervalMs: keepEveryMs,
      log,
    });
  }

  onApplicationBootstrap(): void {
    this.deliveries.start();
    this.house.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.deliveries.stop(), this.house.stop()]);
    await this.deliverer.close();
  }
}
