import {
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Log } from '../platform/logging/index.js';
import { Loop } from '../platform/loops/index.js';
import { OutboxRelay } from './outbox-relay.js';

const everyMs = 100;

/** Runs the relay in the worker role. */
@Injectable()
export class RelayWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: Loop;

  constructor(relay: OutboxRelay, log: Log) {
    this.loop = new Loop(() => relay.runOnce(), { name: 'outbox-relay', intervalMs: everyMs, log });
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }
}
