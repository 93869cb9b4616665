const firstMs = 30_000;
const longestMs = 3_600_000;
const afterValidityMs = 6 * 3_600_000;
const validityMarginMs = 3_600_000;

/**
 * Time until the next poll (DISPATCH 16): 30 s after sending, doubling to an hour, and every six hours once the
 * validity has been over for an hour: about 35 in five days.
 * @param polls polls made so far
 */
export function nextPollInMs(polls: number, nowMs: number, expiresAtMs: number): number {
  if (nowMs > expiresAtMs + validityMarginMs) return afterValidityMs;
  return Math.min(longestMs, firstMs * 2 ** Math.min(polls, 12));
}
