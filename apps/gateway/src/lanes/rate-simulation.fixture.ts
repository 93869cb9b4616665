import { lowered, raised, shareOf, type KnownRate } from './rate-policy.js';
import { TokenBucket } from './token-bucket.js';

/** A provider's limiter: takes the time of a request, and says whether it takes the request. */
export type Limiter = (nowMs: number) => boolean;

/** So many in each second of the clock. */
export function fixedWindow(limit: number): Limiter {
  let second = -1;
  let used = 0;
  return (nowMs) => {
    if (Math.floor(nowMs / 1_000) !== second) {
      second = Math.floor(nowMs / 1_000);
      used = 0;
    }
    used += 1;
    return used <= limit;
  };
}

/** So many in any second. */
export function slidingWindow(limit: number): Limiter {
  const taken: number[] = [];
  return (nowMs) => {
    while (taken.length > 0 && (taken[0] as number) <= nowMs - 1_000) taken.shift();
    if (taken.length >= limit) return false;
    taken.push(nowMs);
    return true;
  };
}

/** Yii2's: an allowance that grows with time, up to a second's worth. */
export function allowance(limit: number): Limiter {
  let left = limit;
  let checkedAtMs = 0;
  return (nowMs) => {
    left = Math.min(limit, left + ((nowMs - checkedAtMs) / 1_000) * limit);
    checkedAtMs = nowMs;
    if (left < 1) return false;
    left -= 1;
    return true;
  };
}

export interface Simulated {
  /** Accepted by the provider, in each second. */
  readonly accepted: number[];
  /** Turned away with 429, in each second. */
  readonly limited: number[];
  /** The rate that stood at the end of each second. */
  readonly rates: number[];
}

interface Lane {
  readonly bucket: TokenBucket;
  intendingUntilMs: number;
  starved: boolean;
  readonly calls: {
    startedMs: number;
    arrivesMs: number;
    endsMs: number;
    limited: boolean | null;
  }[];
}

const pumpEveryMs = 10;

/**
 * Lanes with endless backlogs on one key, in steps of a millisecond: the buckets and the policy as they are,
 * around them what the loops do with them, and delays as they occur. The rate is raised at most once a second,
 * whoever raises it; a decrease reaches the lanes of its worker at once, and the others with their next reading:
 * until then their calls go out at the former rate, and a 429 for them is no news.
 */
export function simulate(options: {
  readonly limiter: Limiter;
  readonly seconds: number;
  readonly start: KnownRate;
  readonly lanes?: number;
  /** Among which the lanes are spread; each reads the rate once a second, at a time of its own. */
  readonly workers?: number;
  readonly random: () => number;
}): Simulated {
  const { limiter, seconds, random } = options;
  const count = options.lanes ?? 1;
  let stored = options.start;
  let raisedAtMs = -1_000;
  const between = (least: number, most: number): number =>
    Math.round(least + random() * (most - least));
  const lanes: Lane[] = Array.from({ length: count }, () => ({
    bucket: new TokenBucket(shareOf(stored.rate, 1, count), 0),
    intendingUntilMs: 0,
    starved: false,
    calls: [],
  }));
  if (count > 1) for (const lane of lanes) lane.bucket.empty(0, random());
  const workers = options.workers ?? 1;
  const byWorker = Array.from({ length: workers }, (_, worker) =>
    lanes.filter((_lane, index) => index % workers === worker),
  );
  /** The decrease that each worker has read of last. */
  const decreaseKnownTo = byWorker.map(() => stored.decreasedAtMs);
  const seen: Simulated = { accepted: [], limited: [], rates: [] };

  const refresh = (index: number, nowMs: number): void => {
    const worker = byWorker[index] as Lane[];
    const starved = worker.some((lane) => lane.starved);
    if (starved && nowMs - raisedAtMs >= 900) {
      const to = raised(stored, null, nowMs);
      if (to > stored.rate) {
        stored = { ...stored, rate: to };
        raisedAtMs = nowMs;
      }
    }
    decreaseKnownTo[index] = stored.decreasedAtMs;
    for (const lane of worker) {
      lane.starved = false;
      lane.bucket.setRate(shareOf(stored.rate, 1, count), nowMs);
    }
  };

  const slowDown = (index: number, limited: Lane, startedMs: number, nowMs: number): void => {
    if (decreaseKnownTo[index] !== stored.decreasedAtMs) return;
    const next = lowered(stored, nowMs, null, startedMs);
    if (next === stored) return;
    stored = next;
    decreaseKnownTo[index] = next.decreasedAtMs;
    for (const lane of byWorker[index] as Lane[]) {
      lane.bucket.setRate(shareOf(next.rate, 1, count), nowMs);
    }
    limited.bucket.empty(nowMs, count > 1 ? random() : 0);
  };

  const pump = (lane: Lane, nowMs: number): void => {
    if (nowMs < lane.intendingUntilMs) return;
    const tokens = lane.bucket.available(nowMs);
    // The backlog is endless: whatever a lane takes, it wanted more.
    lane.starved = true;
    if (tokens < 1) return;
    lane.bucket.take(tokens);
    lane.intendingUntilMs = nowMs + between(4, 12);
    for (let token = 0; token < tokens; token += 1) {
      const startedMs = lane.intendingUntilMs;
      const arrivesMs = startedMs + between(1, 25);
      lane.calls.push({ startedMs, arrivesMs, endsMs: arrivesMs + between(20, 40), limited: null });
    }
  };

  for (let nowMs = 0; nowMs < seconds * 1_000; nowMs += 1) {
    if (nowMs % 1_000 === 0) {
      seen.accepted.push(0);
      seen.limited.push(0);
      seen.rates.push(stored.rate);
    }
    const second = seen.accepted.length - 1;
    lanes.forEach((lane, index) => {
      for (const call of lane.calls) {
        if (call.arrivesMs === nowMs) {
          call.limited = !limiter(nowMs);
          const of = call.limited ? seen.limited : seen.accepted;
          of[second] = (of[second] as number) + 1;
        }
      }
      for (const call of lane.calls.splice(0)) {
        if (call.endsMs > nowMs) lane.calls.push(call);
        else if (call.limited === true) slowDown(index % workers, lane, call.startedMs, nowMs);
      }
      if ((nowMs + index * 3) % pumpEveryMs === 0) pump(lane, nowMs);
    });
    byWorker.forEach((_worker, index) => {
      if ((nowMs + index * 370) % 1_000 === 0) refresh(index, nowMs);
    });
    seen.rates[second] = stored.rate;
  }
  return seen;
}
