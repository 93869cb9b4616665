/** What is known in this process of how fast an endpoint takes its deliveries. */
interface Pace {
  /** Claimed, and under way or waiting for a socket. */
  claimed: number;
  inFlight: number;
  /** How many may be under way at once. */
  window: number;
  /** Mean of its last calls in milliseconds; null before the first. */
  meanMs: number | null;
  usedAtMs: number;
}

export interface PaceLimits {
  /** Calls under way at once, all endpoints together. */
  readonly total: number;
  /** Calls under way to one endpoint. */
  readonly perEndpoint: number;
}

/** A call that takes longer holds a socket that others could use. */
const slowMs = 1_000;
/** After so many failures in a row only one attempt at a time goes out. */
const breakerFailures = 5;
const forgottenMs = 600_000;
/** How much the last call weighs in the mean. */
const weight = 0.3;
/** How many times its window a quick endpoint has claimed ahead: a claim is dearer than a call. */
const ahead = 8;

/**
 * Bounded sockets: an endpoint gets more of them as it proves quick, and one when it fails. The slow, the failing and the
 * unknown ones share half of all, so that however many they are, the other half is there for those that answer.
 */
export class EndpointPaces {
  private readonly paces = new Map<string, Pace>();
  private total = 0;
  private slow = 0;

  constructor(
    private readonly limits: PaceLimits,
    private readonly monotonicMs: () => number,
  ) {}

  /**
   * How many deliveries to the endpoint are worth a claim now; what came of it is told to `claimed`.
   * @param failures in a row, as the database has it
   */
  room(endpointId: string, failures: number): number {
    const pace = this.paces.get(endpointId);
    const window = windowOf(pace, failures);
    const most = this.isSlow(endpointId, failures) ? window : window * ahead;
    const free = most - (pace?.claimed ?? 0);
    if (this.left(endpointId, failures) <= 0) return 0;
    // In handfuls: not a claim for each call that has ended.
    return free * 2 >= most ? free : 0;
  }

  claimed(endpointId: string, count: number): void {
    (this.paces.get(endpointId) ?? this.add(endpointId)).claimed += count;
  }

  /** Of those that were claimed, without a call. */
  released(endpointId: string, count: number): void {
    const pace = this.paces.get(endpointId);
    if (pace) pace.claimed -= count;
  }

  /** Whether a call to the endpoint may begin now. */
  mayBegin(endpointId: string, failures: number): boolean {
    const pace = this.paces.get(endpointId);
    if ((pace?.inFlight ?? 0) >= windowOf(pace, failures)) return false;
    return this.left(endpointId, failures) > 0;
  }

  /** @returns to be called when the call has ended */
  begin(
    endpointId: string,
    failures: number,
  ): (went: 'well' | 'wrong', durationMs: number) => void {
    const pace = this.paces.get(endpointId) ?? this.add(endpointId);
    const isSlow = this.isSlow(endpointId, failures);
    pace.inFlight += 1;
    this.total += 1;
    if (isSlow) this.slow += 1;
    return (went, durationMs) => {
      pace.inFlight -= 1;
      pace.claimed -= 1;
      this.total -= 1;
      if (isSlow) this.slow -= 1;
      pace.usedAtMs = this.monotonicMs();
      pace.meanMs =
        pace.meanMs === null ? durationMs : pace.meanMs + weight * (durationMs - pace.meanMs);
      const isQuick = went === 'well' && pace.meanMs <= slowMs;
      pace.window = isQuick ? Math.min(this.limits.perEndpoint, pace.window * 2) : 1;
    };
  }

  private left(endpointId: string, failures: number): number {
    const left = this.limits.total - this.total;
    if (!this.isSlow(endpointId, failures)) return left;
    return Math.min(left, Math.ceil(this.limits.total / 2) - this.slow);
  }

  private isSlow(endpointId: string, failures: number): boolean {
    const pace = this.paces.get(endpointId);
    return failures > 0 || pace?.meanMs == null || pace.meanMs > slowMs;
  }

  private add(endpointId: string): Pace {
    const nowMs = this.monotonicMs();
    for (const [id, pace] of this.paces) {
      if (pace.claimed === 0 && nowMs - pace.usedAtMs > forgottenMs) this.paces.delete(id);
    }
    const pace = { claimed: 0, inFlight: 0, window: 1, meanMs: null, usedAtMs: nowMs };
    this.paces.set(endpointId, pace);
    return pace;
  }
}

function windowOf(pace: Pace | undefined, failures: number): number {
  return failures >= breakerFailures ? 1 : (pace?.window ?? 1);
}
