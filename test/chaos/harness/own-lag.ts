import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';

/**
 * How long the harness's own event loop was late. Clients and wires live in it, so that what it delays, on a machine
 * with too much to do, is no delay of a gateway's.
 */
export class OwnLag {
  private readonly histogram: IntervalHistogram = monitorEventLoopDelay({ resolution: 10 });

  constructor() {
    this.histogram.enable();
  }

  get maxMs(): number {
    return this.histogram.max / 1e6;
  }

  get p99Ms(): number {
    return this.histogram.percentile(99) / 1e6;
  }

  stop(): void {
    this.histogram.disable();
  }
}
