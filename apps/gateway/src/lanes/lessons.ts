import { Injectable } from '@nestjs/common';
import { ConnectionStates } from '../accounts/index.js';
import { Clock } from '../platform/clock/index.js';
import { Log } from '../platform/logging/index.js';
import type { AttemptResult, Lesson } from './attempt-result.js';
import type { Breaker } from './breaker.js';
import { LaneRegistry } from './lane-registry.js';
import type { LaneConditions, LaneState } from './lane-state.js';
import { ProviderRoute } from './provider-route.js';
import { lowered, type KnownRate } from './rate-policy.js';

/** Facts of the call that taught the lesson. */
export interface LessonFacts {
  /** Epoch of the connection when the intent was made. */
  readonly epoch: number;
  /** Monotonic time at which the call began. */
  readonly startedMs: number;
  /** Of the key that made the call: what it met says nothing about the one that has replaced it. */
  readonly fingerprint: Buffer;
}

const refusalsBeforePause = 10;
/** A Retry-After beyond it is a mistake of somebody's more often than a wish. */
const longestHoldMs = 15 * 60_000;

/**
 * Turns what calls teach into the pace of lanes and connections. Pauses and rates change in transactions of
 * their own, by compare-and-set, after the settle (DISPATCH, outcomes).
 */
@Injectable()
export class Lessons {
  constructor(
    private readonly registry: LaneRegistry,
    private readonly states: ConnectionStates,
    private readonly route: ProviderRoute,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Of a send. */
  async learnFromSend(lane: LaneState, result: AttemptResult, facts: LessonFacts): Promise<void> {
    if (result.outcome === 'accepted' && lane.conditions?.connectionPause != null) {
      await this.resumeAfterProbe(lane, facts);
    }
    await this.learn(lane, result.lesson, facts);
  }

  /** Of a poll: its 402, 400 and 404 say nothing about the connection (DISPATCH 16). */
  async learnFromPoll(lane: LaneState, lesson: Lesson, facts: LessonFacts): Promise<void> {
    if (lesson.kind === 'unknown') {
      const nowMs = this.clock.monotonicMs();
      for (const breaker of [lane.breaker, this.route.breaker])
        breaker.pollFailed(facts.startedMs, nowMs);
    }
    if (lesson.kind === 'rate_limited' || lesson.kind === 'not_reached')
      await this.learn(lane, lesson, facts);
  }

  /** Feeds the breakers of the lane and of the base URL; a trial's outcome closes or reopens its own. */
  tellBreakers(lane: LaneState, result: AttemptResult, trialOf: readonly Breaker[]): void {
    const nowMs = this.clock.monotonicMs();
    const reached = result.lesson.kind !== 'not_allowed' && result.lesson.kind !== 'not_reached';
    const outcome = result.outcome === 'unknown' ? 'unknown' : 'known';
    for (const breaker of [lane.breaker, this.route.breaker]) {
      if (trialOf.includes(breaker)) breaker.tried(reached ? outcome : 'none', nowMs);
      else if (reached) breaker.record(outcome, nowMs);
    }
  }

  /** What pauses the connection holds back this lane at once: whatever went out while it is written would meet the same. */
  holdBack(lane: LaneState, { lesson }: AttemptResult, facts: LessonFacts): void {
    if (lesson.kind === 'balance_empty' || lesson.kind === 'key_refused')
      this.holdLane(lane, lesson.kind, facts);
  }

  private async learn(lane: LaneState, lesson: Lesson, facts: LessonFacts): Promise<void> {
    const nowMs = this.clock.monotonicMs();
    if (lesson.kind === 'transport_refused') lane.transportRefusals += 1;
    else if (lesson.kind === 'fine') lane.transportRefusals = 0;
    switch (lesson.kind) {
      case 'fine':
        lane.reached();
        if (this.route.foundRight()) this.log.info('the provider answers at its base URL again');
        return;
      case 'rate_limited':
        await this.slowDown(lane, lesson, facts);
        return;
      case 'balance_empty':
      case 'key_refused':
        await this.pause(lane, facts, lesson.kind);
        return;
      case 'wrong_address':
        if (this.route.foundWrong(nowMs)) {
          this.log.error(
            'the base URL is not that of the provider: sending is paused, and it is asked again every 30 s',
          );
        }
        return;
      case 'not_reached':
        lane.backOff(nowMs);
        return;
      case 'transport_refused':
        if (lane.transportRefusals >= refusalsBeforePause)
          await this.pause(lane, facts, 'requests_refused');
        return;
      case 'not_allowed':
      case 'unknown':
        return;
    }
  }

  private async pause(lane: LaneState, facts: LessonFacts, reason: string): Promise<void> {
    if (!this.holdLane(lane, reason, facts)) return;
    const { fingerprint, epoch } = facts;
    if (!(await this.states.pause({ fingerprint, epoch, reason }))) return;
    this.log.error({ connection: lane.connectionId, reason }, 'a connection was paused');
    // Once more: the lane may have been read meanwhile, as it stood before.
    this.holdLane(lane, reason, facts);
  }

  /** Until the next reading. False where the epoch of the call is over: an error that comes late only requeues. */
  private holdLane(lane: LaneState, reason: string, facts: LessonFacts): boolean {
    const conditions = conditionsFor(lane, facts);
    if (!conditions || facts.epoch < conditions.epoch) return false;
    lane.learned(facts.fingerprint, { connectionPause: conditions.connectionPause ?? reason });
    return true;
  }

  private async resumeAfterProbe(lane: LaneState, facts: LessonFacts): Promise<void> {
    if (!conditionsFor(lane, facts)) return;
    const { fingerprint, epoch } = facts;
    const resumed = await this.states.resume({ fingerprint, epoch });
    if (!resumed) return;
    this.log.info(
      { connection: lane.connectionId },
      'a connection was resumed by a successful probe',
    );
    lane.learned(fingerprint, { connectionPause: null, epoch: epoch + 1 });
  }

  /** At most one decrease per round trip: a 429 for a call that began before the last decrease is old news. */
  private async slowDown(
    lane: LaneState,
    lesson: Extract<Lesson, { kind: 'rate_limited' }>,
    facts: LessonFacts,
  ): Promise<void> {
    const nowMs = this.clock.monotonicMs();
    const conditions = conditionsFor(lane, facts);
    if (!conditions) return;
    if (lesson.retryAfterMs !== null)
      await this.holdAll(lane, conditions.fingerprint, lesson.retryAfterMs);
    const startedAtMs = this.clock.nowMs() - (nowMs - facts.startedMs);
    const next = lowered(conditions.known, this.clock.nowMs(), lesson.statedLimit, startedAtMs);
    if (next === conditions.known) return;
    const changed = await this.states.setRate({
      fingerprint: conditions.fingerprint,
      from: conditions.known.rate,
      to: next.rate,
      learnedLimit: next.learnedLimit,
      decreasedAt: new Date(next.decreasedAtMs ?? this.clock.nowMs()),
    });
    if (changed) this.slowDownAll(lane, conditions.fingerprint, next);
  }

  /** Retry-After: a time of the key, which no success of a call that was under way before it cuts short. */
  private async holdAll(
    limited: LaneState,
    fingerprint: Buffer,
    retryAfterMs: number,
  ): Promise<void> {
    if (retryAfterMs > longestHoldMs) {
      this.log.warn(
        { connection: limited.connectionId, retryAfterMs, heldForMs: longestHoldMs },
        'the provider asks to wait for longer than a connection is held',
      );
    }
    const notBeforeMs = this.clock.nowMs() + Math.min(retryAfterMs, longestHoldMs);
    for (const lane of this.registry.all()) {
      const { conditions } = lane;
      if (!conditions?.fingerprint.equals(fingerprint)) continue;
      const laterMs = Math.max(conditions.notBeforeMs ?? notBeforeMs, notBeforeMs);
      lane.conditions = { ...conditions, notBeforeMs: laterMs };
    }
    await this.states.setNotBefore({ fingerprint, notBefore: new Date(notBeforeMs) });
  }

  /** Every lane of this worker on the same key feels it at once; the others with their next reading. */
  private slowDownAll(limited: LaneState, fingerprint: Buffer, next: KnownRate): void {
    const nowMs = this.clock.monotonicMs();
    for (const lane of this.registry.all()) {
      const { conditions } = lane;
      if (!conditions?.fingerprint.equals(fingerprint)) continue;
      lane.sends.setRate((lane.sends.rate * next.rate) / conditions.known.rate, nowMs);
      lane.conditions = { ...conditions, known: next };
    }
    // Lanes that share a key must not all call at the same moments.
    const isShared = (limited.conditions?.lanesOnKey ?? 1) > 1;
    limited.sends.empty(nowMs, isShared ? Math.random() : 0);
  }
}

/** The lane's conditions, while they are still those of the key that made the call. */
function conditionsFor(lane: LaneState, facts: LessonFacts): LaneConditions | null {
  const { conditions } = lane;
  return conditions?.fingerprint.equals(facts.fingerprint) === true ? conditions : null;
}
