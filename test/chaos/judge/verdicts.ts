/**
 * LOST: acknowledged, but no row or no fate at quiescence.
 * DUPLICATE: accepted by the provider more than once, and not allowed to, or not marked.
 * UNEXPECTED: accepted by the provider, or stored, and never attempted by a client; or stored twice.
 * FALSE_UNCERTAIN: uncertain, though nothing reached the provider and no owner of an open intent was hit.
 * WRONG: our final differs from the provider's truth, or a final was taken back.
 * UNTOLD: a final that no webhook endpoint heard of, where one listened.
 */
export const verdictKinds = [
  'LOST',
  'DUPLICATE',
  'UNEXPECTED',
  'FALSE_UNCERTAIN',
  'WRONG',
  'UNTOLD',
] as const;
export type VerdictKind = (typeof verdictKinds)[number];

export interface Verdict {
  readonly kind: VerdictKind;
  /** The client's number of the message; null for one that no client knows. */
  readonly n: number | null;
  readonly why: string;
}

export interface Judgement {
  /** Messages that clients attempted, that were acknowledged, stored, and accepted by the provider at least once. */
  readonly attempted: number;
  readonly acknowledged: number;
  readonly stored: number;
  readonly sent: number;
  /** Accepted more than once, where that was allowed and marked. */
  readonly markedDuplicates: number;
  /** Uncertain at the end; at any time; and that for which an act of the harness accounts. */
  readonly uncertain: number;
  readonly everUncertain: number;
  readonly accountedUncertain: number;
  readonly places: Readonly<Record<string, number>>;
  readonly counts: Readonly<Record<VerdictKind, number>>;
  /** The first ones of each kind. */
  readonly verdicts: readonly Verdict[];
}

const mostOfAKind = 50;

/** Counts all, keeps some: a broken run may have a verdict for each message. */
export class VerdictList {
  readonly counts: Record<VerdictKind, number> = {
    LOST: 0,
    DUPLICATE: 0,
    UNEXPECTED: 0,
    FALSE_UNCERTAIN: 0,
    WRONG: 0,
    UNTOLD: 0,
  };
  readonly kept: Verdict[] = [];

  add(kind: VerdictKind, n: number | null, why: string): void {
    this.counts[kind] += 1;
    if (this.counts[kind] <= mostOfAKind) this.kept.push({ kind, n, why });
  }
}
