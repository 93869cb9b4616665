import {
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Log } from '../platform/logging/index.js';
import { Loop } from '../platform/loops/index.js';
import { DriftCounter } from './drift-counter.js';

const everyMs = 3_000;

/** Writes the counted drift every few seconds, in every role: callbacks come to one, answers to the other. */
@Injectable()
export class DriftFlusher implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: Loop;

  constructor(counter: DriftCounter, log: Log) {
    this.loop = new Loop(() => counter.runOnce(), { name: 'drift', intervalMs: everyMs, log });
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }
}
