import { residentMiB } from './cores.js';

/** What a process has in use, over time, in MiB. */
export class Memory {
  private readonly samples: number[] = [];
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly pid: number) {
    this.timer = setInterval(() => this.sample(), 250);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  get most(): number {
    return Math.max(...this.samples);
  }

  /** The most in the first third, and in the last one. */
  get first(): number {
    return Math.max(...this.samples.slice(0, Math.ceil(this.samples.length / 3)));
  }

  get last(): number {
    return Math.max(...this.samples.slice(-Math.ceil(this.samples.length / 3)));
  }

  private sample(): void {
    try {
      this.samples.push(residentMiB(this.pid));
    } catch {
      // The process has ended: a round that failed says why by itself.
      this.stop();
    }
  }
}
