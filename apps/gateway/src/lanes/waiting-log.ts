interface Interval {
  readonly reason: string;
  readonly fromMs: number;
  toMs: number | null;
}

const keptIntervals = 50;
const worthTellingMs = 250;

/** Remembers what a lane waited for, so that a message's timeline can tell why it did not go out at once. */
export class WaitingLog {
  private intervals: Interval[] = [];

  /** @param reason what the lane waits for from now on; null while it does not wait */
  note(reason: string | null, nowMs: number): void {
    const last = this.intervals.at(-1);
    if (last && last.toMs === null) {
      if (last.reason === reason) return;
      last.toMs = nowMs;
    }
    if (reason === null) return;
    // Between two tokens a lane stops waiting for a moment: one interval, or fifty would span two seconds.
    if (
      last &&
      last.toMs !== null &&
      last.reason === reason &&
      nowMs - last.toMs < worthTellingMs
    ) {
      last.toMs = null;
      return;
    }
    this.intervals.push({ reason, fromMs: nowMs, toMs: null });
    if (this.intervals.length > keptIntervals) this.intervals.shift();
  }

  /** The reason of this moment with its begin; null while the lane does not wait. */
  get current(): { readonly reason: string; readonly sinceMs: number } | null {
    const last = this.intervals.at(-1);
    return last && last.toMs === null ? { reason: last.reason, sinceMs: last.fromMs } : null;
  }

  /** What a message that was queued at fromMs waited for until now, longest first. */
  between(fromMs: number, nowMs: number): { reason: string; ms: number }[] {
    if (nowMs - fromMs < worthTellingMs) return [];
    const waited = new Map<string, number>();
    for (const { reason, fromMs: begin, toMs } of this.intervals) {
      const ms = Math.min(toMs ?? nowMs, nowMs) - Math.max(begin, fromMs);
      if (ms > 0) waited.set(reason, (waited.get(reason) ?? 0) + ms);
    }
    const told = [...waited.values()].reduce((sum, ms) => sum + ms, 0);
    const rest = nowMs - fromMs - told;
    if (rest >= worthTellingMs) waited.set('turn', rest);
    return [...waited]
      .map(([reason, ms]) => ({ reason, ms: Math.round(ms) }))
      .filter(({ ms }) => ms >= worthTellingMs)
      .sort((a, b) => b.ms - a.ms);
  }
}
