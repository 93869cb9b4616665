import type { Log } from '../logging/index.js';

export interface LoopOptions {
  readonly name: string;
  /** Pause between two ticks in milliseconds; a wake ends it early. */
  readonly intervalMs: number;
  /** Longest pause after failing ticks; each failure doubles it. @default 10 × intervalMs, 5 s at least */
  readonly maxBackOffMs?: number;
  readonly log: Log;
}

/**
 * A tick plus a policy: ticks never overlap, a throwing tick never ends the loop, and `stop` waits for
 * the tick that runs. The tick itself is public where it lives, so that a test needs no clock.
 */
export class Loop {
  private stopped = true;
  private awake = false;
  private wakeUp: (() => void) | null = null;
  private running: Promise<void> = Promise.resolve();
  private failures = 0;

  /** @param tick returns true when more work is at hand and it wants to run again at once */
  constructor(
    private readonly tick: () => Promise<boolean | void>,
    private readonly options: LoopOptions,
  ) {}

  start(): void {
    if (!this.stopped) return;
    this.stopped = false;
    // After the former run, which may still be in its last tick: ticks never overlap.
    this.running = this.running.then(() => this.run());
  }

  /** Ends the pause: the next tick runs at once, or right after the one that is running. */
  wake(): void {
    this.awake = true;
    this.wakeUp?.();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.wakeUp?.();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      this.awake = false;
      const again = await this.once();
      if (!again) await this.pause();
      else await new Promise((resolve) => setImmediate(resolve));
    }
  }

  private async once(): Promise<boolean> {
    try {
      const again = (await this.tick()) === true;
      this.failures = 0;
      return again;
    } catch (error) {
      this.failures += 1;
      if (this.failures === 1 || this.failures % 60 === 0) {
        this.options.log.error(
          { loop: this.options.name, failures: this.failures, err: error },
          'a tick failed',
        );
      }
      return false;
    }
  }

  private async pause(): Promise<void> {
    if (this.stopped || (this.awake && this.failures === 0)) return;
    const { intervalMs, maxBackOffMs = Math.max(5_000, intervalMs * 10) } = this.options;
    const pauseMs = Math.min(
      intervalMs * 2 ** Math.min(this.failures, 16),
      Math.max(maxBackOffMs, intervalMs),
    );
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pauseMs);
      this.wakeUp = () => {
        if (this.failures > 0 && !this.stopped) return;
        clearTimeout(timer);
        resolve();
      };
    });
    this.wakeUp = null;
  }
}
