import { randomUUID } from 'node:crypto';
import type { LaneLease, TakenLane } from '../queue/index.js';
import { Breaker } from './breaker.js';
import { ClassPicker } from './class-picker.js';
import { LaneBuffer } from './lane-buffer.js';
import type { KnownRate } from './rate-policy.js';
import { TokenBucket } from './token-bucket.js';
import { WaitingLog } from './waiting-log.js';

/** The lane's row, its connection and that key's state, as read once a second. */
export interface LaneConditions {
  readonly fingerprint: Buffer;
  readonly epoch: number;
  /** The installation is on hold. */
  readonly onHold: boolean;
  /** Why people hold the lane; null where they do not. */
  readonly lanePause: 'account_paused' | 'tenant_suspended' | null;
  readonly connectionPause: string | null;
  readonly known: KnownRate;
  readonly maxPerSecond: number | null;
  readonly weight: number;
  /** Weights of all active lanes on this key; those that people hold count by what polls keep. */
  readonly activeWeight: number;
  /** Lanes on this key, active or not: alone, a lane need not wait for its neighbours to be read. */
  readonly lanesOnKey: number;
  readonly notBeforeMs: number | null;
  readonly probeUntilMs: number | null;
}

const keptOutcomes = 20;
/** Share of the offered tokens that counts as full use. */
const fullUse = 0.8;
const firstBackOffMs = 500;
const longestBackOffMs = 30_000;
/** Share of a lane's tokens that status polls keep, however much there is to send. */
export const pollShare = 0.1;

/** One owned lane in the memory of its owner. Everything here is a hint or a pace; the database decides. */
export class LaneState {
  readonly lease: LaneLease;
  readonly connectionId: string;
  /** An operator moved it here. */
  readonly isHandedOver: boolean;
  /** Claims the probe of a paused key: a name of this lane's own, as of all the lanes of a key only one may probe. */
  readonly prober = randomUUID();
  readonly buffer = new LaneBuffer();
  readonly picker = new ClassPicker();
  readonly breaker = new Breaker();
  readonly waitingLog = new WaitingLog();
  readonly sends: TokenBucket;
  readonly polls: TokenBucket;
  /** Open intents with the ids that are not settled yet. */
  readonly intents = new Map<string, Set<string>>();
  readonly pollsUnderWay = new Set<string>();
  readonly lastOutcomes: { at: string; outcome: string; code: string | null }[] = [];
  conditions: LaneConditions | null = null;
  refreshes = 0;
  /** An intent of this lane is being written. */
  intending = false;
  /** Its conditions are being read beside the tick, as its key was rotated. */
  refreshing = false;
  /** The owner lets go of it: no new intent. */
  releasing = false;
  gone = false;
  /** The last page was full, or a hint came: there may be more to read. */
  mayHaveMore = true;
  /** Rows may have come back, or come in, before all that was read: the pager starts from the head soon. */
  readFromHead = false;
  pollsDue = false;
  /** Polls that are due of messages that leave the provider's window soon. */
  lastPollsDue = 0;
  graceDue = false;
  /** Sends wanted a token and had none since the last refresh. */
  starved = false;
  /** Tokens that sends took since then. */
  taken = 0;
  private secondBeganMs: number;
  backOffUntilMs = 0;
  backOffMs = 0;
  transportRefusals = 0;
  /** When an operator last asked for a probe, as far as this owner knows. */
  probeAskedAtMs: number | null = null;
  /** A paused connection is to be tried, whatever its reason and before its time. */
  probeNow = false;
  lastBusyMs: number;
  report = '';

  constructor(
    taken: TakenLane,
    readonly worker: string,
    nowMs: number,
  ) {
    this.lease = { tenantId: taken.tenantId, accountId: taken.accountId, token: taken.token };
    this.connectionId = taken.connectionId;
    this.isHandedOver = taken.isHandedOver;
    this.sends = new TokenBucket(0, nowMs);
    this.polls = new TokenBucket(0, nowMs);
    this.lastBusyMs = nowMs;
    this.secondBeganMs = nowMs;
  }

  get inFlight(): number {
    let count = 0;
    for (const ids of this.intents.values()) count += ids.size;
    return count;
  }

  /** Nothing in hand: neither read, nor asked for, nor on the wire. */
  get isIdle(): boolean {
    return (
      this.buffer.knownSize === 0 &&
      !this.intending &&
      this.intents.size === 0 &&
      this.pollsUnderWay.size === 0
    );
  }

  /** N lanes that wake together on one key: the first token comes after the neighbours were read twice. */
  get mayStart(): boolean {
    return this.conditions !== null && (this.conditions.lanesOnKey <= 1 || this.refreshes >= 3);
  }

  /** What becomes known of a key between two readings, while the lane's is still that one. */
  learned(fingerprint: Buffer, change: Partial<LaneConditions>): void {
    if (this.conditions?.fingerprint.equals(fingerprint) === true)
      this.conditions = { ...this.conditions, ...change };
  }

  noteOutcome(outcome: string, code: string | null, at: Date): void {
    this.lastOutcomes.push({ at: at.toISOString(), outcome, code });
    if (this.lastOutcomes.length > keptOutcomes) this.lastOutcomes.shift();
  }

  /** Ends the span since the last refresh; says whether the lane used up what it had, not just for a moment. */
  endSecond(nowMs: number): boolean {
    const offered = (this.sends.rate * (nowMs - this.secondBeganMs)) / 1_000;
    // One less: the last token may still be on its way to the bucket.
    const isUsedUp = this.starved && this.taken >= offered * fullUse - 1;
    this.starved = false;
    this.taken = 0;
    this.secondBeganMs = nowMs;
    return isUsedUp;
  }

  /** An operator asks for a probe: what the lane would ask in its own time it asks now. */
  hurry(nowMs: number): void {
    this.probeNow = this.conditions !== null && this.conditions.connectionPause !== null;
    this.breaker.hurry(nowMs);
    // The step stays: one message is tried, not all.
    this.backOffUntilMs = nowMs;
  }

  /** One step of back-off for a round trip, however many calls of it failed. */
  backOff(nowMs: number): void {
    if (nowMs < this.backOffUntilMs) return;
    this.backOffMs = Math.min(
      longestBackOffMs,
      this.backOffMs === 0 ? firstBackOffMs : this.backOffMs * 2,
    );
    this.backOffUntilMs = nowMs + this.backOffMs;
  }

  reached(): void {
    this.backOffMs = 0;
    this.backOffUntilMs = 0;
  }
}
