import type { LaneReport, Pause } from '../accounts/index.js';

export const laneStates = [
  'on_hold',
  'paused',
  'connection_paused',
  'idle',
  'unowned',
  'owner_lost',
  'waiting',
  'sending',
] as const;
export type LaneStateName = (typeof laneStates)[number];

/** What a lane does at present, and why it does nothing. */
export interface LaneCondition {
  readonly state: LaneStateName;
  readonly reason: string | null;
  readonly since: Date | null;
}

export interface LaneFacts {
  /** Since when the installation is on hold; null while it is not. */
  readonly held_at: Date | null;
  readonly pause: Pause | null;
  readonly owner: string | null;
  readonly owner_lost_at: Date | null;
  readonly has_work: boolean;
  readonly active_since: Date | null;
  readonly report: Pick<LaneReport, 'state' | 'reason' | 'since'> | null;
}

/** The first thing that stands in the way, from the installation's hold and people's pauses down to the lane's own waiting. */
export function laneCondition(lane: LaneFacts): LaneCondition {
  const { pause, owner, report } = lane;
  if (lane.held_at !== null)
    return { state: 'on_hold', reason: 'restore_hold', since: lane.held_at };
  if (pause !== null) {
    const state = pause.by === 'provider' ? 'connection_paused' : 'paused';
    return { state, reason: pause.reason, since: pause.since };
  }
  if (owner === null) {
    return { state: lane.has_work ? 'unowned' : 'idle', reason: null, since: null };
  }
  if (lane.owner_lost_at !== null) {
    return { state: 'owner_lost', reason: null, since: lane.owner_lost_at };
  }
  if (report?.state === 'waiting') {
    const since = report.since === null ? null : new Date(report.since);
    return { state: 'waiting', reason: report.reason, since };
  }
  const state = report?.state === 'sending' ? 'sending' : 'idle';
  return { state, reason: null, since: state === 'sending' ? lane.active_since : null };
}
