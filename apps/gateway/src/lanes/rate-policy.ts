/** What is known of a key's rate, as `connection_states` keeps it. */
export interface KnownRate {
  /** Calls a second, sends and polls together. */
  readonly rate: number;
  /** The rate at which the provider last said 429; null while it never did. */
  readonly learnedLimit: number | null;
  /** When the rate was last lowered, in milliseconds since the epoch. */
  readonly decreasedAtMs: number | null;
}

const decrease = 0.85;
const repeatedDecrease = 0.5;
/** A second 429 within this time, well below the limit that was met, means that the first decrease was too small. */
const repeatedWithinMs = 10_000;
/** Most limits are counted per second: a 429 this soon after another may only tell that this second is used up. */
const sameSecondMs = 1_000;
/** Within this distance of a known limit the rate grows slowly. */
const nearLimit = 0.05;
/** Parts of the limit in a second: up to it, and beyond it. */
const approach = 0.005;
/**
 * A provider that counts by an allowance takes a second's worth beyond its limit before it says 429: so slowly that this is
 * spent before the rate is a twentieth beyond.
 */
const creep = 0.0005;
/** After a decrease the rate must hold for this long before it is raised. */
const quietMs = 2_000;
const slowestRate = 0.1;
/** Nobody's provider is faster; beyond this the ramp of an unlimited key stops. */
const fastestRate = 20_000;

/**
 * The rate after a 429; the same as before where the call began before the last decrease, and so tells nothing of it.
 * @param statedLimit calls a second, from X-Rate-Limit: the rate never stays above it
 * @param startedAtMs when the call began, in milliseconds since the epoch
 */
export function lowered(
  known: KnownRate,
  nowMs: number,
  statedLimit: number | null,
  startedAtMs: number,
): KnownRate {
  const { rate, learnedLimit, decreasedAtMs } = known;
  if (decreasedAtMs !== null && startedAtMs < decreasedAtMs) return known;
  const sinceMs = decreasedAtMs === null ? Number.POSITIVE_INFINITY : nowMs - decreasedAtMs;
  const limit = learnedLimit ?? rate;
  const repeated = sinceMs < repeatedWithinMs && rate < limit * (1 - nearLimit);
  const bound = statedLimit ?? Number.POSITIVE_INFINITY;
  return {
    rate: Math.max(slowestRate, Math.min(rate * (repeated ? repeatedDecrease : decrease), bound)),
    learnedLimit: Math.min(sinceMs < sameSecondMs ? limit : rate, bound),
    decreasedAtMs: nowMs,
  };
}

/**
 * The rate after a second of full use without a 429: doubled while no limit is known, slowly near a known one, more slowly
 * just beyond it, and faster again beyond that, as the provider may have raised it.
 */
export function raised(known: KnownRate, maxPerSecond: number | null, nowMs: number): number {
  const { rate, learnedLimit, decreasedAtMs } = known;
  if (decreasedAtMs !== null && nowMs - decreasedAtMs < quietMs) return rate;
  const ceiling = Math.min(maxPerSecond ?? fastestRate, fastestRate);
  if (learnedLimit === null) return Math.min(ceiling, rate * 2);
  if (rate < learnedLimit * (1 - nearLimit)) return Math.min(ceiling, rate + learnedLimit * 0.05);
  if (rate > learnedLimit * (1 + nearLimit)) return Math.min(ceiling, rate * 1.05);
  return Math.min(ceiling, rate + learnedLimit * (rate < learnedLimit ? approach : creep));
}

/** What a lane may use of its key's rate. */
export function shareOf(rate: number, weight: number, activeWeight: number): number {
  return (rate * weight) / Math.max(weight, activeWeight);
}
