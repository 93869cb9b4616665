/** What a lane's owner publishes of it, once a second where it changed. */
export interface LaneReport {
  readonly state: 'sending' | 'waiting' | 'idle';
  /** What a waiting lane waits for. */
  readonly reason: string | null;
  /** Since when it waits, ISO 8601. */
  readonly since: string | null;
  /** Sends a second that the lane may make at present. */
  readonly rate_per_second: number;
  /** Messages on the wire. */
  readonly in_flight: number;
  readonly breaker: 'closed' | 'open';
  readonly last_outcomes: readonly LaneOutcome[];
}

export interface LaneOutcome {
  readonly at: string;
  readonly outcome: string;
  readonly code: string | null;
}
