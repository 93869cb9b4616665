import { Injectable } from '@nestjs/common';
import { Callbacks } from './callbacks.js';
import { CallbackSender } from './callback-sender.js';
import { Chance } from './chance.js';
import { SandboxClock } from './clock.js';
import { Faults } from './faults.js';
import { Journal } from './journal.js';
import { Keys } from './keys.js';
import { Messages } from './messages.js';
import { Sends } from './provider/sends.js';

/** All that the sandbox remembers, to be forgotten at once. */
@Injectable()
export class SandboxState {
  constructor(
    private readonly chance: Chance,
    private readonly clock: SandboxClock,
    private readonly journal: Journal,
    private readonly keys: Keys,
    private readonly faults: Faults,
    private readonly messages: Messages,
    private readonly callbacks: Callbacks,
    private readonly callbackSender: CallbackSender,
    private readonly sends: Sends,
  ) {}

  /** As after a start, but for the numbers of journal and messages; with a seed these start anew, too. */
  reset({ seed }: { seed?: string } = {}): void {
    if (seed !== undefined) {
      this.chance.reseed(seed);
      this.callbacks.reset();
    }
    this.clock.reset();
    this.callbackSender.forget();
    this.messages.reset({ startIdsAnew: seed !== undefined });
    this.faults.clear();
    this.keys.reset();
    this.sends.reset();
    this.journal.reset();
  }
}
