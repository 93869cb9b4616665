/** A request that would wait for longer is told so at once, while most of its time is left. */
const longestWaitMs = 500;
/** One that took longer says little about those that wait. */
const longestServiceMs = 1_000;
const weightOfLatest = 0.1;

/** Too many wait for a connection already: nothing was done, the caller may come back later. */
export class LineTooLong extends Error {
  constructor() {
    super('too many transactions wait for a connection');
  }
}

/**
 * The line in front of a pool: how long a newcomer has to expect to wait, by how long connections were used of late. Where
 * none has come back for longer than that, it is the present users that take so long.
 */
export class PoolLine {
  private meanMs = 0;
  private lastServedMs = 0;
  /** When those began that use a connection now, the longest user first. */
  private readonly users = new Map<symbol, number>();

  /** @param size connections of the pool */
  constructor(
    private readonly size: number,
    private readonly monotonicMs: () => number = () => performance.now(),
  ) {}

  /** A connection is in use from now on. Gives what says that it is free again. */
  begin(): () => void {
    const user = Symbol();
    const beganMs = this.monotonicMs();
    this.users.set(user, beganMs);
    return () => {
      this.users.delete(user);
      this.lastServedMs = this.monotonicMs();
      const ms = Math.min(this.lastServedMs - beganMs, longestServiceMs);
      this.meanMs += (ms - this.meanMs) * weightOfLatest;
    };
  }

  /** @param ahead how many wait already */
  isTooLong(ahead: number): boolean {
    if (ahead === 0) return false;
    const [longestUserMs = this.monotonicMs()] = this.users.values();
    const standstillMs = this.monotonicMs() - Math.max(this.lastServedMs, longestUserMs);
    return (ahead * Math.max(this.meanMs, standstillMs)) / this.size > longestWaitMs;
  }
}
