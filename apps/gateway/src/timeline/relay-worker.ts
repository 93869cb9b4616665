import {
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Log } from '../platform/logging/index.js';
import { Looks, Loop } from '../platform/loops/index.js';
import { OutboxRelay } from './outbox-relay.js';

const everyMs = 100;

/** Runs the relay in the worker role. */
@Injectable()
export class RelayWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: Loop;

  constructor(relay: OutboxRelay, log: Log) {
    const looks = new Looks((from) => relay.look(from));
    this.loop = new Loop(() => looks.once(), { name: 'outbox-relay', intervalMs: everyMs, log });
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }
}
