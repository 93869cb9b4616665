import {
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Log } from '../platform/logging/index.js';
import { Loop } from '../platform/loops/index.js';
import { CallbackCaller } from './callback-caller.js';

const everyMs = 250;

/** Calls back in the worker role. */
@Injectable()
export class CallbackWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: Loop;

  constructor(
    private readonly caller: CallbackCaller,
    log: Log,
  ) {
    this.loop = new Loop(() => caller.runOnce(), {
      name: 'dropin-callbacks',
      intervalMs: everyMs,
      log,
    });
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.loop.stop();
    await this.caller.settled();
  }
}
