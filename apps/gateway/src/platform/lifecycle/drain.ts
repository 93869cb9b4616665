import { Injectable } from '@nestjs/common';

/** The one word about whether this process is on its way out; what it means is up to who asks. */
@Injectable()
export class Drain {
  private readonly controller = new AbortController();

  get draining(): boolean {
    return this.controller.signal.aborted;
  }

  /** Ends waits that a shutdown must not wait for. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** From now on this process is not ready; said once, it cannot be taken back. */
  begin(): void {
    this.controller.abort();
  }
}
