/** Names a lane: the stream of provider calls of one account. */
export interface LaneKey {
  readonly tenantId: string;
  readonly accountId: string;
}

/** A lane with the right to write it: the token grows with each owner and fences the former ones out. */
export interface LaneLease extends LaneKey {
  readonly token: number;
}

/** A lane as its new owner finds it. */
export interface TakenLane extends LaneLease {
  readonly connectionId: string;
  readonly weight: number;
  /** By another worker, on an operator's word. */
  readonly isHandedOver: boolean;
}

/** A lane row that the transaction holds by its token. */
export interface HeldLane extends LaneKey {
  readonly paused: boolean;
  readonly connectionPaused: boolean;
  /** The installation is on hold: outcomes may be written, but nothing may go out (DISPATCH 22). */
  readonly onHold: boolean;
  readonly epoch: number;
}

/** How an attempt ended, as far as the queue must know. */
export type AttemptOutcome = 'accepted' | 'refused' | 'not_sent' | 'unknown';

/** What the queue made of an outcome. `again`: nothing was sent, the row stays with the next attempt. */
export type QueueFate = 'sent' | 'refused' | 'again' | 'grace' | 'uncertain' | 'final';
