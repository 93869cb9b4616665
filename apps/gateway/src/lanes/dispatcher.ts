import { Injectable } from '@nestjs/common';
import { ViberClient, ViberError } from '#viber';
import {
  CallbackUrls,
  ConnectionKeys,
  ConnectionStates,
  type OpenedKey,
} from '../accounts/index.js';
import { Clock } from '../platform/clock/index.js';
import { Configuration } from '../platform/config/index.js';
import { Ids } from '../platform/ids/index.js';
import { Log } from '../platform/logging/index.js';
import type { IntendedRow, Outcome } from '../queue/index.js';
import {
  acceptedResult,
  failedResult,
  unforeseenResult,
  type AttemptResult,
} from './attempt-result.js';
import type { Breaker } from './breaker.js';
import { Intender } from './intender.js';
import type { Candidate } from './lane-buffer.js';
import { LaneRefresher } from './lane-refresher.js';
import { LaneMetrics } from './lane-metrics.js';
import { LaneRegistry } from './lane-registry.js';
import type { LaneState } from './lane-state.js';
import { LateEvidence } from './late-evidence.js';
import { Lessons } from './lessons.js';
import { ProviderRoute } from './provider-route.js';
import { Settler } from './settler.js';
import { wireMessage } from './wire-message.js';
import { WorkerPresence } from './worker-presence.js';

/** Most ids of one intent: small enough that a crash leaves few unknown, large enough for one statement. */
const mostPerIntent = 100;
/** How many messages may go out now, and under which conditions. */
interface LeaveToSend {
  readonly most: number;
  /** What holds back the rest; null where nothing does. */
  readonly blockedBy: string | null;
  /** The connection is paused: one message is to learn whether it may go on. */
  readonly isProbe: boolean;
  /** The open breakers for which this is the trial. */
  readonly trialOf: readonly Breaker[];
}

interface AttemptFacts {
  /** The name under which it was intended. */
  readonly worker: string;
  readonly intentId: string;
  /** Monotonic time at which the intent was asked for: its budget counts from there. */
  readonly requestedMs: number;
  readonly epoch: number;
  readonly credential: OpenedKey;
  readonly trialOf: readonly Breaker[];
}

/** How long one owner has the right to probe a paused connection. */
const probeClaimMs = 10_000;

/**
 * The send loop: takes what tokens and sockets allow, commits the intent, writes to the provider, settles.
 * It never decides what a message becomes; it knows pace, and hands outcomes on.
 */
@Injectable()
export class Dispatcher {
  private socketsInUse = 0;
  private outcomesBeingWritten = 0;

  constructor(
    private readonly registry: LaneRegistry,
    private readonly presence: WorkerPresence,
    private readonly refresher: LaneRefresher,
    private readonly intender: Intender,
    private readonly settler: Settler,
    private readonly lessons: Lessons,
    private readonly lateEvidence: LateEvidence,
    private readonly route: ProviderRoute,
    private readonly client: ViberClient,
    private readonly callbackUrls: CallbackUrls,
    private readonly keys: ConnectionKeys,
    private readonly states: ConnectionStates,
    private readonly configuration: Configuration,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly log: Log,
    private readonly metrics: LaneMetrics,
  ) {}

  /** Nothing is on the wire, and what became of it is written, with what was learned from it. */
  get isQuiet(): boolean {
    return this.socketsInUse === 0 && this.outcomesBeingWritten === 0;
  }

  /** Lets every lane go on as far as it may. */
  pumpAll(): void {
    for (const lane of this.registry.all()) this.pump(lane);
  }

  /** Lets one lane go on: at most one intent of it is being written at a time. */
  pump(lane: LaneState): void {
    const nowMs = this.clock.monotonicMs();
    if (lane.gone || lane.intending || lane.buffer.size === 0) {
      if (lane.buffer.size === 0) lane.waitingLog.note(null, nowMs);
      return;
    }
    const leave = this.leaveToSend(lane, nowMs);
    lane.waitingLog.note(leave.blockedBy, nowMs);
    if (leave.most <= 0) return;
    const chosen = leave.isProbe
      ? lane.buffer.takeOldest()
      : lane.buffer.take(lane.picker.pick(leave.most, lane.buffer.waiting));
    if (chosen.length === 0) return;
    lane.sends.take(chosen.length);
    lane.taken += chosen.length;
    this.socketsInUse += chosen.length;
    lane.intending = true;
    lane.lastBusyMs = nowMs;
    for (const breaker of leave.trialOf) breaker.tryStarted(nowMs);
    void this.sendAndGoOn(lane, chosen, leave);
  }

  private async sendAndGoOn(
    lane: LaneState,
    chosen: readonly Candidate[],
    leave: LeaveToSend,
  ): Promise<void> {
    let isLetOut = false;
    try {
      isLetOut = await this.send(lane, chosen, leave);
    } finally {
      lane.intending = false;
    }
    // What was put back waits for the next tick: to go on at once could go on for ever, in one turn of the process.
    if (isLetOut) this.pump(lane);
  }

  /** How many may go out now, and what holds back the rest. */
  private leaveToSend(lane: LaneState, nowMs: number): LeaveToSend {
    const blocked = (blockedBy: string): LeaveToSend => ({
      most: 0,
      blockedBy,
      isProbe: false,
      trialOf: [],
    });
    const { conditions } = lane;
    if (lane.releasing) return blocked('handing_over');
    if (conditions === null || lane.refreshing || !lane.mayStart || !this.presence.mayWrite())
      return blocked('starting');
    if (conditions.onHold) return blocked('restore_hold');
    if (conditions.lanePause !== null) return blocked(conditions.lanePause);
    const { connectionPause } = conditions;
    if (connectionPause !== null && !this.mayProbe(lane, connectionPause)) {
      return blocked(connectionPause);
    }
    const isProbe = connectionPause !== null;
    if (this.route.isWrongAddress) return blocked('wrong_address');
    const breakers = [lane.breaker, this.route.breaker].filter((breaker) => !breaker.isClosed);
    if (breakers.some((breaker) => !breaker.mayTry)) return blocked('breaker_open');
    if (nowMs < lane.backOffUntilMs) return blocked('back_off');
    if (conditions.notBeforeMs !== null && this.clock.nowMs() < conditions.notBeforeMs)
      return blocked('rate_limited');
    const tokens = lane.sends.available(nowMs);
    if (tokens < 1) {
      lane.starved = true;
      return blocked('rate_limit');
    }
    const sockets = this.configuration.limits.socketsToProvider - this.socketsInUse;
    if (sockets < 1) return blocked('sockets_busy');
    // One message tells whether the way is free; a hundred would all share its fate.
    const careful = isProbe || breakers.length > 0 || lane.backOffMs > 0;
    const most = careful ? (lane.inFlight === 0 ? 1 : 0) : Math.min(tokens, sockets, mostPerIntent);
    if (most < lane.buffer.size && most === tokens) lane.starved = true;
    return {
      most,
      blockedBy: most === 0 ? 'probing' : null,
      isProbe,
      trialOf: most > 0 ? breakers : [],
    };
  }

  /** Only an empty balance is probed by itself; a refused key waits for a new one or for an operator. */
  private mayProbe(lane: LaneState, reason: string): boolean {
    if (lane.probeNow) return true;
    return reason === 'balance_empty' && (lane.conditions?.probeUntilMs ?? 0) <= this.clock.nowMs();
  }

  private dropTrial(trialOf: readonly Breaker[]): void {
    for (const breaker of trialOf) breaker.tried('none', this.clock.monotonicMs());
  }

  /** Gives whether an intent stands, or stood; false where all was put back. */
  private async send(
    lane: LaneState,
    chosen: readonly Candidate[],
    { isProbe, trialOf }: LeaveToSend,
  ): Promise<boolean> {
    const intentId = this.ids.next();
    const requestedMs = this.clock.monotonicMs();
    let judged: readonly IntendedRow[] = [];
    let epoch = 0;
    let credential: OpenedKey;
    try {
      if (isProbe && !(await this.claimProbe(lane))) {
        this.putBack(lane, chosen, trialOf);
        return false;
      }
      credential = await this.keys.open(lane.connectionId);
      // The key was rotated: the pace that we know is the old one's until it is read anew.
      if (lane.conditions?.fingerprint.equals(credential.fingerprint) !== true) {
        void this.readAnew(lane);
        this.putBack(lane, chosen, trialOf);
        return false;
      }
      const granted = await this.intender.intend({
        worker: lane.worker,
        lease: {
          ...lane.lease,
          intentId,
          epoch: 0,
          messageIds: chosen.map((candidate) => candidate.messageId),
        },
        isProbe,
      });
      if (granted.kind !== 'granted') {
        this.notGranted(lane, granted.kind);
        this.putBack(lane, chosen, trialOf);
        return false;
      }
      judged = granted.rows;
      epoch = granted.epoch;
    } catch (error) {
      this.log.warn({ err: error }, 'an intent could not be written');
      lane.backOff(this.clock.monotonicMs());
      this.putBack(lane, chosen, trialOf);
      return false;
    }
    const rows = judged.filter((row) => row.fate === 'send');
    this.release(lane, chosen, rows);
    // Somebody else holds the others, or has ended them: what is let go again has its place before all that was read.
    if (judged.length < chosen.length) lane.readFromHead = true;
    if (rows.length === 0) {
      this.dropTrial(trialOf);
      // It came to no call: the claim is good for the next one.
      if (isProbe) lane.probeNow = true;
      return true;
    }
    lane.intents.set(intentId, new Set(rows.map((row) => row.message_id)));
    lane.sends.wentOut(requestedMs, this.clock.monotonicMs());
    const facts = { worker: lane.worker, intentId, requestedMs, epoch, credential, trialOf };
    for (const row of rows) void this.attempt(lane, row, facts);
    return true;
  }

  /** Of the key and the lane's conditions one was read before the rotation and one after it. */
  private async readAnew(lane: LaneState): Promise<void> {
    lane.refreshing = true;
    this.keys.invalidate(lane.connectionId);
    try {
      await this.refresher.refresh([lane]);
    } catch (error) {
      this.log.warn({ err: error }, 'the pace of a rotated key could not be read');
    } finally {
      lane.refreshing = false;
    }
  }

  private async claimProbe(lane: LaneState): Promise<boolean> {
    const { conditions, probeNow: again, prober: by } = lane;
    if (!conditions) return false;
    lane.probeNow = false;
    const { fingerprint, epoch } = conditions;
    const untilMs = this.clock.nowMs() + probeClaimMs;
    const won = await this.states.claimProbe({ fingerprint, epoch, by, untilMs, again });
    lane.learned(fingerprint, { probeUntilMs: untilMs });
    return won;
  }

  /** Those that were not let out are forgotten: they are gone, or come again with the next reading. */
  private release(
    lane: LaneState,
    chosen: readonly Candidate[],
    rows: readonly IntendedRow[],
  ): void {
    const sending = new Set(rows.map((row) => row.message_id));
    for (const { messageId } of chosen) {
      if (sending.has(messageId)) continue;
      lane.buffer.forget(messageId);
      lane.sends.giveBack(1);
      this.socketsInUse -= 1;
    }
  }

  /** Remembered until the next reading of the lane's conditions. */
  private notGranted(lane: LaneState, kind: 'lost' | 'paused' | 'on_hold'): void {
    if (kind === 'lost') this.registry.drop(lane);
    else if (lane.conditions) {
      // Which pause it is shows then.
      const lanePause = lane.conditions.lanePause ?? 'account_paused';
      const found = kind === 'paused' ? { lanePause } : { onHold: true };
      lane.conditions = { ...lane.conditions, ...found };
    }
  }

  private putBack(
    lane: LaneState,
    chosen: readonly Candidate[],
    trialOf: readonly Breaker[],
  ): void {
    this.dropTrial(trialOf);
    this.socketsInUse -= chosen.length;
    lane.sends.giveBack(chosen.length);
    for (const candidate of chosen) lane.buffer.putBack(candidate);
  }

  private async attempt(lane: LaneState, row: IntendedRow, facts: AttemptFacts): Promise<void> {
    const startedAt = this.clock.now();
    const startedMs = this.clock.monotonicMs();
    const waited = lane.waitingLog.between(
      startedMs - (startedAt.getTime() - row.accepted_at.getTime()),
      startedMs,
    );
    const result = await this.call(row, facts);
    this.metrics.attempted(result, this.clock.monotonicMs() - startedMs);
    lane.noteOutcome(result.outcome, result.code, this.clock.now());
    const { epoch, credential, trialOf } = facts;
    const learnedBy = { epoch, startedMs, fingerprint: credential.fingerprint };
    // Before the settle: a breaker that opens late costs more messages their certainty, and a late pause calls in vain.
    this.lessons.tellBreakers(lane, result, trialOf);
    this.lessons.holdBack(lane, result, learnedBy);
    const outcome = this.outcomeOf(row, result, startedAt, startedMs, waited);
    this.outcomesBeingWritten += 1;
    try {
      await this.settle(lane, row, facts.intentId, outcome).finally(() => (this.socketsInUse -= 1));
      await this.lessons
        .learnFromSend(lane, result, learnedBy)
        .catch((error: unknown) => this.log.warn({ err: error }, 'a lesson could not be written'));
    } finally {
      this.outcomesBeingWritten -= 1;
    }
    this.pump(lane);
  }

  private async call(row: IntendedRow, facts: AttemptFacts): Promise<AttemptResult> {
    const budgetEndsMs = facts.requestedMs + this.presence.writeBudgetMs;
    try {
      const callbackUrl = this.callbackUrls.forStatus({
        tenantId: row.tenant_id,
        accountId: row.account_id,
        messageId: row.message_id,
        attempt: row.attempt,
      });
      const request = wireMessage(row, callbackUrl, this.clock.nowMs());
      const answer = await this.client.send(facts.credential, request, {
        timeoutMs: this.configuration.provider.timeoutMs,
        mayWrite: () =>
          this.presence.mayWriteAs(facts.worker) && this.clock.monotonicMs() < budgetEndsMs,
      });
      return acceptedResult(answer);
    } catch (error) {
      if (error instanceof ViberError) return failedResult(error);
      // A fault of ours: nobody knows whether it came before the first byte or after.
      this.log.error({ err: error }, 'an attempt failed in a way that nobody foresaw');
      return unforeseenResult;
    }
  }

  private outcomeOf(
    row: IntendedRow,
    result: AttemptResult,
    startedAt: Date,
    startedMs: number,
    waited: { reason: string; ms: number }[],
  ): Outcome {
    return {
      tenantId: row.tenant_id,
      messageId: row.message_id,
      attempt: row.attempt,
      outcome: result.outcome,
      providerMessageId: result.providerMessageId,
      code: result.code,
      eventId: this.ids.next(),
      eventType: 'attempt',
      at: this.clock.now(),
      detail: {
        started_at: startedAt.toISOString(),
        duration_ms: Math.round(this.clock.monotonicMs() - startedMs),
        ...result.detail,
        ...(waited.length > 0 ? { waited } : {}),
      },
    };
  }

  private async settle(
    lane: LaneState,
    row: IntendedRow,
    intentId: string,
    outcome: Outcome,
  ): Promise<void> {
    let verdict;
    try {
      verdict = await this.settler.settle({ lane, intentId, outcome });
    } catch (error) {
      // The intent stays open in the database: the next owner calls the attempt unknown, and never sends it anew.
      this.log.error({ err: error }, 'an outcome could not be written; the lane is given up');
      this.registry.drop(lane);
      return;
    }
    lane.buffer.forget(row.message_id);
    if (verdict === 'again') {
      lane.buffer.putBack({
        messageId: row.message_id,
        class: row.class as 0 | 1 | 2,
        pos: row.pos,
      });
    } else if (verdict === 'fenced') {
      this.registry.drop(lane);
      await this.lateEvidence.tell(outcome);
    } else if (verdict === 'gone') {
      // It may be in the queue again, where nothing was sent and the answer to the first COMMIT was lost.
      lane.readFromHead = true;
      await this.lateEvidence.tell(outcome);
    }
  }
}
