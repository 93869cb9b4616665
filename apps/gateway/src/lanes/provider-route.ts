import { Injectable } from '@nestjs/common';
import { Breaker } from './breaker.js';

const askAgainMs = 30_000;

/**
 * What this process knows of the way to the provider's base URL, which all its lanes share: whether the address
 * is right, and whether outcomes there are unknown.
 */
@Injectable()
export class ProviderRoute {
  readonly breaker = new Breaker();
  private wrongSinceMs: number | null = null;
  private askedAtMs = 0;

  get isWrongAddress(): boolean {
    return this.wrongSinceMs !== null;
  }

  /** Returns true when it is news. */
  foundWrong(nowMs: number): boolean {
    if (this.wrongSinceMs !== null) return false;
    this.wrongSinceMs = nowMs;
    this.askedAtMs = nowMs;
    return true;
  }

  /** A documented body came from there. Returns true when it is news. */
  foundRight(): boolean {
    const news = this.wrongSinceMs !== null;
    this.wrongSinceMs = null;
    return news;
  }

  /** An operator asks for a probe: a doubted way is asked about now. */
  hurry(nowMs: number): void {
    this.breaker.hurry(nowMs);
    this.askedAtMs = nowMs - askAgainMs;
  }

  /** Claims the right to ask the address again, every 30 seconds. */
  claimQuestion(nowMs: number): boolean {
    if (this.wrongSinceMs === null || nowMs - this.askedAtMs < askAgainMs) return false;
    this.askedAtMs = nowMs;
    return true;
  }
}
