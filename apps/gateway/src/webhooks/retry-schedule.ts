const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** What lies between one attempt and the next; the first comes at once. */
const waits = [
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
];

/** By so much of itself a wait is longer or shorter, so that what failed together does not come back together. */
const jitter = 0.1;

/**
 * How long after a failed attempt the next one comes, in milliseconds; null after the last.
 * @param attempt the one that failed, from 1
 * @param random from 0 to 1
 */
export function waitAfter(attempt: number, random: number): number | null {
  const wait = waits[attempt - 1];
  return wait === undefined ? null : Math.round(wait * (1 - jitter + 2 * jitter * random));
}
