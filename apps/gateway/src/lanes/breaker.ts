const inARow = 5;
const windowSize = 20;
const halfOfWindow = windowSize / 2;
const firstBackOffMs = 1_000;
const longestBackOffMs = 60_000;

/**
 * Stops new intents when outcomes are unknown: five in a row, or half of the last twenty. After a back-off one
 * harmless call is tried, then one message; only a known outcome of that message closes it again. Polls are as
 * harmless as that call: they go on once it succeeded, also where there is no message to try, or where the trial
 * met an unknown outcome again (DISPATCH 11 and 16).
 */
export class Breaker {
  private recent: boolean[] = [];
  private row = 0;
  private openedAt: number | null = null;
  private backOffMs = firstBackOffMs;
  private probed = false;
  /** When the trial began; null while none is on its way. */
  private tryingSinceMs: number | null = null;
  /** Since when harmless calls are known to be answered; null while closed, or where they are not. */
  private answersSinceMs: number | null = null;

  /** Calls may be made as usual. */
  get isClosed(): boolean {
    return this.openedAt === null;
  }

  /** When the back-off ends, in monotonic milliseconds; null while closed. */
  get retryAtMs(): number | null {
    return this.openedAt === null ? null : this.openedAt + this.backOffMs;
  }

  /** Ends the back-off: the harmless call may be tried now, unless a trial is on its way. */
  hurry(nowMs: number): void {
    if (this.openedAt !== null && this.tryingSinceMs === null)
      this.openedAt = nowMs - this.backOffMs;
  }

  /** The harmless call may be tried. */
  mayProbe(nowMs: number): boolean {
    return this.retryAtMs !== null && !this.probed && nowMs >= this.retryAtMs;
  }

  /** One message may be tried: the harmless call succeeded, and no other trial is on its way. */
  get mayTry(): boolean {
    return this.openedAt !== null && this.probed && this.tryingSinceMs === null;
  }

  /** Statuses may be asked for. */
  get mayPoll(): boolean {
    return this.openedAt === null || this.answersSinceMs !== null;
  }

  probeSucceeded(nowMs: number): void {
    if (this.openedAt === null) return;
    this.probed = true;
    this.answersSinceMs ??= nowMs;
  }

  probeFailed(nowMs: number): void {
    if (this.openedAt === null) return;
    this.answersSinceMs = null;
    this.reopen(nowMs);
  }

  /** A poll taught nothing. One that began before the harmless call succeeded is old news. */
  pollFailed(startedMs: number, nowMs: number): void {
    const isNews = this.answersSinceMs !== null && startedMs >= this.answersSinceMs;
    if (isNews && this.tryingSinceMs === null) this.probeFailed(nowMs);
  }

  tryStarted(nowMs: number): void {
    this.tryingSinceMs = nowMs;
  }

  /** How the trial ended; `none`: it came to no call at all, and another one may be made. */
  tried(outcome: 'known' | 'unknown' | 'none', nowMs: number): void {
    this.tryingSinceMs = null;
    if (this.openedAt === null) return;
    if (outcome === 'known') this.close();
    else if (outcome === 'unknown') this.reopen(nowMs);
  }

  /** An outcome of ordinary work. While open it counts for nothing: it is of a call that was under way before. */
  record(outcome: 'known' | 'unknown', nowMs: number): void {
    if (this.openedAt !== null) return;
    this.row = outcome === 'unknown' ? this.row + 1 : 0;
    this.recent.push(outcome === 'unknown');
    if (this.recent.length > windowSize) this.recent.shift();
    const unknown = this.recent.filter(Boolean).length;
    if (this.row >= inARow || (this.recent.length === windowSize && unknown >= halfOfWindow)) {
      this.openedAt = nowMs;
    }
  }

  private close(): void {
    this.openedAt = null;
    this.recent = [];
    this.row = 0;
    this.backOffMs = firstBackOffMs;
    this.probed = false;
    this.tryingSinceMs = null;
    this.answersSinceMs = null;
  }

  private reopen(nowMs: number): void {
    this.openedAt = nowMs;
    this.backOffMs = Math.min(longestBackOffMs, this.backOffMs * 2);
    this.probed = false;
    this.tryingSinceMs = null;
  }
}
