import { residentMiB } from './cores.js';

/** What a process has in use, over time, in MiB. */
export class Memory {
  private readonly samples: number[] = [];
  private readonly timer: NodeJS.Timeout;

  constructor(pid: number) {
    this.timer = setInterval(() => this.samples.push(residentMiB(pid)), 250);
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
}
