import type { LaneState } from './lane-state.js';

export interface LaneFailure {
  readonly lane: LaneState;
  readonly error: unknown;
}

/** Does the same for several lanes; one that fails leaves the others alone. @returns those that failed */
export async function eachLane(
  lanes: readonly LaneState[],
  work: (lane: LaneState) => Promise<void>,
): Promise<LaneFailure[]> {
  const ends = await Promise.allSettled(lanes.map((lane) => work(lane)));
  return ends.flatMap((end, index) =>
    end.status === 'rejected' ? [{ lane: lanes[index] as LaneState, error: end.reason }] : [],
  );
}
