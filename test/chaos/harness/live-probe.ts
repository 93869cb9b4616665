import { percentile } from './percentile.js';
import type { Replica } from './replica.js';

const everyMs = 100;
/** A machine with many processes on two cores: what has not answered by then does not live. */
const patienceMs = 10_000;

/** Asks replicas all the time whether they live. How long that takes is the machine's own lag. */
export class LiveProbe {
  asked = 0;
  failed = 0;
  slowestMs = 0;
  private readonly tookMs: number[] = [];
  private readonly timer: NodeJS.Timeout;
  private readonly underWay = new Set<Replica>();

  constructor(private readonly replicas: readonly Replica[]) {
    this.timer = setInterval(() => {
      for (const replica of this.replicas) void this.ask(replica);
    }, everyMs);
  }

  get p99Ms(): number {
    return percentile(this.tookMs, 0.99);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async ask(replica: Replica): Promise<void> {
    if (this.underWay.has(replica)) return;
    this.underWay.add(replica);
    const startedMs = performance.now();
    this.asked += 1;
    try {
      const signal = AbortSignal.timeout(patienceMs);
      const answer = await fetch(`${replica.url}/health/live`, { signal });
      await answer.arrayBuffer();
      if (!answer.ok) this.failed += 1;
    } catch {
      this.failed += 1;
    } finally {
      const ms = performance.now() - startedMs;
      this.tookMs.push(ms);
      this.slowestMs = Math.max(this.slowestMs, ms);
      this.underWay.delete(replica);
    }
  }
}
