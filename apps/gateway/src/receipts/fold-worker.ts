import {
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Log } from '../platform/logging/index.js';
import { Loop } from '../platform/loops/index.js';
import { ReceiptFold } from './receipt-fold.js';

const everyMs = 100;

/** Runs the fold in the worker role. */
@Injectable()
export class FoldWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: Loop;

  constructor(fold: ReceiptFold, log: Log) {
    this.loop = new Loop(() => fold.runOnce(), { name: 'receipt-fold', intervalMs: everyMs, log });
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }
}
