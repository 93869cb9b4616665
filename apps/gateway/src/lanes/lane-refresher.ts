import { Injectable } from '@nestjs/common';
import { ConnectionStates } from '../accounts/index.js';
import { Clock } from '../platform/clock/index.js';
import { Database, sqlFile } from '../platform/database/index.js';
import { LaneRegistry } from './lane-registry.js';
import { pollShare, type LaneConditions, type LaneState } from './lane-state.js';
import { ProviderRoute } from './provider-route.js';
import { raised, shareOf } from './rate-policy.js';
import { WorkerPresence } from './worker-presence.js';

interface ConditionsRow {
  readonly tenant_id: string;
  readonly account_id: string;
  readonly weight: number;
  readonly on_hold: boolean;
  readonly lane_pause: LaneConditions['lanePause'];
  readonly max_per_second: number | null;
  readonly fingerprint: Buffer;
  readonly epoch: number;
  readonly pause_reason: string | null;
  readonly rate: number;
  readonly learned_limit: number | null;
  readonly decreased_at: Date | null;
  readonly not_before: Date | null;
  readonly probe_until: Date | null;
  readonly active_weight: number;
  readonly lanes_on_key: number;
  readonly grace_due: boolean;
  readonly polls_due: boolean;
  readonly last_polls_due: number;
  readonly hand_over: boolean;
  readonly probe_asked_at: Date | null;
}

const laneConditions = sqlFile(import.meta.url, './sql/lane-conditions.sql');

/** Reads once a second what the pace of the lanes depends on, and raises rates that were used up. */
@Injectable()
export class LaneRefresher {
  constructor(
    private readonly registry: LaneRegistry,
    private readonly presence: WorkerPresence,
    private readonly database: Database,
    private readonly states: ConnectionStates,
    private readonly route: ProviderRoute,
    private readonly clock: Clock,
  ) {}

  async runOnce(): Promise<void> {
    await this.refresh(this.registry.all());
  }

  async refresh(lanes: readonly LaneState[]): Promise<void> {
    if (lanes.length === 0) return;
    const rows = await this.database.transaction('hot', { role: 'worker' }, (tx) =>
      tx.query<ConditionsRow>(laneConditions, [
        lanes.map((lane) => lane.lease.tenantId),
        lanes.map((lane) => lane.lease.accountId),
        lanes.map((lane) => lane.lease.token),
        this.presence.id,
        pollShare,
      ]),
    );
    const byAccount = new Map(rows.map((row) => [row.account_id, row]));
    const held = lanes.filter((lane) => {
      const row = byAccount.get(lane.lease.accountId);
      if (row) this.read(lane, row);
      else this.registry.drop(lane);
      return row !== undefined;
    });
    for (const sharers of byKey(held)) await this.raiseWhereUsedUp(sharers);
    for (const lane of held) this.setPace(lane, lane.conditions as LaneConditions);
  }

  private read(lane: LaneState, row: ConditionsRow): void {
    const couldStart = lane.mayStart;
    const wasHeld = lane.conditions !== null && lane.conditions.lanePause !== null;
    lane.conditions = conditionsOf(row);
    // What it had let go of its key meanwhile its neighbours give back once they have read it.
    lane.refreshes = wasHeld && row.lane_pause === null ? 1 : lane.refreshes + 1;
    lane.graceDue = row.grace_due;
    lane.pollsDue = row.polls_due;
    lane.lastPollsDue = row.last_polls_due;
    this.obey(lane, row);
    // Lanes that woke together have gathered tokens meanwhile; they must not all call at the same moment.
    if (!couldStart && lane.mayStart && row.lanes_on_key > 1) {
      lane.sends.empty(this.clock.monotonicMs(), Math.random());
    }
  }

  /** What an operator wants of the owner. */
  private obey(
    lane: LaneState,
    { hand_over: handOver, probe_asked_at: askedAt }: ConditionsRow,
  ): void {
    if (handOver) lane.releasing = true;
    if (lane.conditions?.connectionPause === null) lane.probeNow = false;
    const askedAtMs = askedAt?.getTime() ?? null;
    if (askedAtMs === lane.probeAskedAtMs) return;
    lane.probeAskedAtMs = askedAtMs;
    if (askedAtMs === null) return;
    const nowMs = this.clock.monotonicMs();
    lane.hurry(nowMs);
    this.route.hurry(nowMs);
  }

  /**
   * Polls keep their floor while any are due; otherwise sends may use all of it. What leaves the provider's window
   * soon goes before sends: as many tokens of the next second as there are such polls, but for the tenth that sends
   * keep, as every lower class does (ADR 0024). A lane that people hold beside others on its key has no sends, and polls
   * with what it keeps of its part.
   */
  private setPace(lane: LaneState, conditions: LaneConditions): void {
    const nowMs = this.clock.monotonicMs();
    const rate = Math.min(
      conditions.known.rate,
      conditions.maxPerSecond ?? Number.POSITIVE_INFINITY,
    );
    const isHeld = conditions.lanePause !== null && conditions.lanesOnKey > 1;
    const weight = isHeld ? conditions.weight * pollShare : conditions.weight;
    const share = shareOf(rate, weight, conditions.activeWeight);
    const last = Math.max(0, lane.lastPollsDue - lane.pollsUnderWay.size);
    const polls = Math.max(share * pollShare, Math.min(last, share * (1 - pollShare)));
    lane.sends.setRate(lane.pollsDue ? share - polls : share, nowMs);
    const hasSends = !isHeld && (lane.buffer.size > 0 || lane.mayHaveMore);
    lane.polls.setRate(hasSends ? polls : share, nowMs);
  }

  /** Raised once for all lanes on the key, where one of them used its share up. */
  private async raiseWhereUsedUp(sharers: readonly LaneState[]): Promise<void> {
    const nowMs = this.clock.monotonicMs();
    const isUsedUp = sharers.map((lane) => lane.endSecond(nowMs)).some(Boolean);
    const conditions = sharers[0]?.conditions;
    if (!isUsedUp || !conditions || conditions.connectionPause !== null) return;
    const { fingerprint, known } = conditions;
    const to = raised(known, conditions.maxPerSecond, this.clock.nowMs());
    if (to <= known.rate) return;
    if (!(await this.states.setRate({ fingerprint, from: known.rate, to }))) return;
    for (const lane of sharers) {
      const own = lane.conditions as LaneConditions;
      lane.conditions = { ...own, known: { ...own.known, rate: to } };
    }
  }
}

function byKey(lanes: readonly LaneState[]): LaneState[][] {
  const groups = new Map<string, LaneState[]>();
  for (const lane of lanes) {
    const key = lane.conditions?.fingerprint.toString('hex') ?? '';
    const group = groups.get(key);
    if (group) group.push(lane);
    else groups.set(key, [lane]);
  }
  return [...groups.values()];
}

function conditionsOf(row: ConditionsRow): LaneConditions {
  return {
    fingerprint: row.fingerprint,
    epoch: row.epoch,
    onHold: row.on_hold,
    lanePause: row.lane_pause,
    connectionPause: row.pause_reason,
    known: {
      rate: row.rate,
      learnedLimit: row.learned_limit,
      decreasedAtMs: row.decreased_at?.getTime() ?? null,
    },
    maxPerSecond: row.max_per_second,
    weight: row.weight,
    activeWeight: row.active_weight,
    lanesOnKey: row.lanes_on_key,
    notBeforeMs: row.not_before?.getTime() ?? null,
    probeUntilMs: row.probe_until?.getTime() ?? null,
  };
}
