/** What is known in this process of how fast an endpoint takes its deliveries. */
interface Pace {
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
export const breakerFailures = 5;
const forgottenMs = 600_000;
/** How much the last call weighs in the mean. */
const weight = 0.3;

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

  get inFlight(): number {
    return this.total;
  }

  /**
   * How many more calls to the endpoint may begin now; they are counted by `begin`.
   * @param failures in a row, as the database has it
   * @param taken what was granted to others since they were last counted
   */
  room(
    endpointId: string,
    failures: number,
    taken: { readonly total: number; readonly slow: number },
  ): number {
    const pace = this.paces.get(endpointId);
    const own = failures >= breakerFailures ? 1 : (pace?.window ?? 1);
    const left = this.limits.total - this.total - taken.total;
    const leftToSlow = Math.ceil(this.limits.total / 2) - this.slow - taken.slow;
    const shared = this.isSlow(endpointId, failures) ? Math.min(left, leftToSlow) : left;
    return Math.max(0, Math.min(own - (pace?.inFlight ?? 0), shared));
  }

  isSlow(endpointId: string, failures: number): boolean {
    const pace = this.paces.get(endpointId);
    return failures > 0 || pace?.meanMs == null || pace.meanMs > slowMs;
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
      this.total -= 1;
      if (isSlow) this.slow -= 1;
      pace.usedAtMs = this.monotonicMs();
      pace.meanMs =
        pace.meanMs === null ? durationMs : pace.meanMs + weight * (durationMs - pace.meanMs);
      const isQuick = went === 'well' && pace.meanMs <= slowMs;
      pace.window = isQuick ? Math.min(this.limits.perEndpoint, pace.window * 2) : 1;
    };
  }

  private add(endpointId: string): Pace {
    const nowMs = this.monotonicMs();
    for (const [id, pace] of this.paces) {
      if (pace.inFlight === 0 && nowMs - pace.usedAtMs > forgottenMs) this.paces.delete(id);
    }
    const pace = { inFlight: 0, window: 1, meanMs: null, usedAtMs: nowMs };
    this.paces.set(endpointId, pace);
    return pace;
  }
}
