/** What of a second's tokens may gather beyond one: as much as a tick or a commit is late, so that the pace is kept. */
const burstSeconds = 0.05;
/** By so much more than usual a call may be late and the next one come in its own time all the same. */
const madeUpForMs = 100;
/** What comes while calls wait for their intent is kept for the next ones, for as long as that usually takes, up to so long. */
const mostKeptMs = 250;
/** Until then what was kept is to be taken: a tick. */
const keptForMs = 50;
/** Weight of one call in what is usual: the first seconds of a start, when all are late, do not become usual. */
const usualGain = 1 / 32;

/** Paces the calls of one lane. It starts empty, so that a new owner never adds to what the former one sent. */
export class TokenBucket {
  private tokens = 0;
  private at: number;
  /** Milliseconds from a token to its call. */
  private usualMs = 0;
  /** When what was kept for the next calls is lost, in monotonic milliseconds. */
  private keptUntilMs = Number.NEGATIVE_INFINITY;

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
    // What has gathered while calls wait for their intent is not cut by a reading that brought nothing new.
    if (perSecond === this.perSecond) return;
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

  /**
   * Calls go out for tokens that were taken before. Where they are later than usual, what has gathered meanwhile is not for
   * this moment: with it the provider would meet two calls in the time of one, and that of every lane of a key at once.
   * @param takenMs monotonic milliseconds, as all times here
   */
  wentOut(takenMs: number, nowMs: number): void {
    const keptMs = Math.min(this.usualMs, mostKeptMs);
    this.refill(nowMs, this.capacity + (keptMs / 1_000) * this.perSecond);
    this.keptUntilMs = nowMs + keptForMs;
    const mostMs = this.usualMs + madeUpForMs;
    this.tokens = Math.min(this.tokens, (mostMs / 1_000) * this.perSecond);
    this.usualMs += (nowMs - takenMs - this.usualMs) * usualGain;
  }

  private get capacity(): number {
    return 1 + this.perSecond * burstSeconds;
  }

  private refill(nowMs: number, room = this.roomAt(nowMs)): void {
    const gathered = this.tokens + ((nowMs - this.at) / 1_000) * this.perSecond;
    this.tokens = Math.min(room, gathered);
    this.at = nowMs;
  }

  private roomAt(nowMs: number): number {
    return nowMs < this.keptUntilMs ? Math.max(this.capacity, this.tokens) : this.capacity;
  }
}
