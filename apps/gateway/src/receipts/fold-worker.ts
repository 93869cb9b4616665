import {
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Log } from '../platform/logging/index.js';
import { Looks, Loop } from '../platform/loops/index.js';
import { ReceiptFold } from './receipt-fold.js';

const everyMs = 100;

/** Runs the fold in the worker role. */
@Injectable()
export class FoldWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: Loop;

  constructor(fold: ReceiptFold, log: Log) {
    const looks = new Looks((from) => fold.look(from));
    this.loop = new Loop(() => looks.once(), { name: 'receipt-fold', intervalMs: everyMs, log });
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }
}
