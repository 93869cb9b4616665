import type { Judgement, VerdictKind } from '../judge/verdicts.js';

/** One threshold and what was measured. */
export interface Check {
  readonly what: string;
  readonly measured: number | string;
  readonly threshold: string;
  readonly holds: boolean;
}

/** What a round of a run saw: figures, and thresholds that were kept or not. */
export class Findings {
  readonly counts: Record<string, number> = {};
  readonly checks: Check[] = [];
  /** For whoever looks for the cause. */
  readonly notes: string[] = [];

  /** Adds to a figure; figures of several rounds are summed. */
  count(name: string, by = 1): void {
    this.counts[name] = (this.counts[name] ?? 0) + by;
  }

  /** Keeps the highest; figures whose names begin with `max_` are not summed either. */
  highest(name: `max_${string}`, value: number): void {
    this.counts[name] = Math.max(this.counts[name] ?? 0, Math.round(value));
  }

  atMost(what: string, measured: number, limit: number): void {
    this.check(what, measured, `<= ${limit}`, measured <= limit);
  }

  atLeast(what: string, measured: number, limit: number): void {
    this.check(what, measured, `>= ${limit}`, measured >= limit);
  }

  exactly(what: string, measured: number | string, wanted: number | string): void {
    this.check(what, measured, `= ${wanted}`, measured === wanted);
  }

  /**
   * Every verdict of the judge breaks a promise.
   * @param but kinds that say nothing here
   */
  judged(judgement: Judgement, { but = [] }: { but?: readonly VerdictKind[] } = {}): void {
    for (const [kind, count] of Object.entries(judgement.counts)) {
      if (but.includes(kind as VerdictKind)) continue;
      this.exactly(kind.toLowerCase().replace('_', ' '), count, 0);
    }
    for (const { kind, n, why } of judgement.verdicts)
      this.notes.push(`${kind} message ${n ?? '?'}: ${why}`);
    this.count('messages', judgement.attempted);
    this.count('acknowledged', judgement.acknowledged);
    this.count('sent', judgement.sent);
    this.count('uncertain_ever', judgement.everUncertain);
    this.count('uncertain_at_the_end', judgement.uncertain);
    this.count('marked_duplicates', judgement.markedDuplicates);
  }

  private check(what: string, measured: number | string, threshold: string, holds: boolean): void {
    this.checks.push({ what, measured, threshold, holds });
  }
}
