import type { ProofVerdict } from './proof-figures.js';

const hour = 3_600;
const day = 24 * hour;
/** The provider's window is over by then, with a margin: what adds up stays so. */
const settledAfterDays = 8;

/**
 * Seconds until a day is proved again; null where it never is.
 * @param ageDays whole UTC days between the proved day and today
 * @param wasProved whether the check before found the same
 * @param keptDays how long messages are kept: nothing can be proved without them
 */
export function nextCheckInSeconds(facts: {
  readonly verdict: ProofVerdict;
  readonly ageDays: number;
  readonly wasProved: boolean;
  readonly keptDays: number;
}): number | null {
  const { verdict, ageDays, wasProved, keptDays } = facts;
  const isOld = ageDays >= settledAfterDays;
  if (verdict === 'proved' && wasProved && isOld) return null;
  const inSeconds = pauseOf(verdict, ageDays, isOld);
  const isStillKept = ageDays + Math.ceil(inSeconds / day) < keptDays;
  return isStillKept ? inSeconds : null;
}

function pauseOf(verdict: ProofVerdict, ageDays: number, isOld: boolean): number {
  if (isOld) return day;
  if (verdict === 'failed' || ageDays <= 1) return hour;
  return verdict === 'open' ? 6 * hour : day;
}
