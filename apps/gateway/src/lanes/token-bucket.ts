/** What of a second's tokens may gather beyond one: as much as a tick or a commit is late, so that the pace is kept. */
const burstSeconds = 0.05;

/** Paces the calls of one lane. It starts empty, so that a new owner never adds to what the former one sent. */
export class TokenBucket {
  private tokens = 0;
  private at: number;

  /** @param perSecond tokens a second @param nowMs monotonic milliseconds */
  constructor(
    private perSecond: number,
    nowMs: number,
  ) {
    this.at = nowMs;
  }

  get rate(): number {
    return this.perSecond;
  }

  setRate(perSecond: number, nowMs: number): void {
    this.refill(nowMs);
    this.perSecond = perSecond;
  }

  /** Whole tokens that may be taken now. */
  available(nowMs: number): number {
    this.refill(nowMs);
    // A hair below a whole token is one: the sum of many small refills never quite reaches it.
    return Math.floor(this.tokens + 1e-6);
  }

  take(count: number): void {
    this.tokens -= count;
  }

  giveBack(count: number): void {
    this.tokens = Math.min(this.capacity, this.tokens + count);
  }

  /**
   * Takes what is there.
   * @param owed tokens that must come before the first one can be taken: a random part of one spreads lanes that
   *   share a key, which would otherwise all call at the same moments
   */
  empty(nowMs: number, owed = 0): void {
    this.tokens = -owed;
    this.at = nowMs;
  }

  private get capacity(): number {
    return 1 + this.perSecond * burstSeconds;
  }

  private refill(nowMs: number): void {
    this.tokens = Math.min(
      this.capacity,
      this.tokens + ((nowMs - this.at) / 1_000) * this.perSecond,
    );
    this.at = nowMs;
  }
}
