import { describe, expect, it } from '@jest/globals';
import type { LaneReport } from '../accounts/index.js';
import { laneCondition, type LaneFacts } from './lane-condition.js';

const since = new Date('2026-03-01T09:00:00Z');
const report: LaneReport = {
  state: 'waiting',
  reason: 'rate_limited',
  since: since.toISOString(),
  rate_per_second: 5,
  in_flight: 0,
  breaker: 'closed',
  last_outcomes: [],
};
const owned: LaneFacts = {
  held_at: null,
  pause: null,
  owner: 'w',
  owner_lost_at: null,
  has_work: true,
  active_since: since,
  report,
};

describe('laneCondition', () => {
  it.each<[string, Partial<LaneFacts>, object]>([
    ['waits', {}, { state: 'waiting', reason: 'rate_limited', since }],
    [
      'sends',
      { report: { ...report, state: 'sending', reason: null } },
      { state: 'sending', reason: null, since },
    ],
    [
      'idles',
      { report: { ...report, state: 'idle', reason: null } },
      { state: 'idle', reason: null, since: null },
    ],
    ['is new to its owner', { report: null }, { state: 'idle', reason: null, since: null }],
    ['has no owner', { owner: null }, { state: 'unowned', reason: null, since: null }],
    [
      'has neither work nor owner',
      { owner: null, has_work: false },
      { state: 'idle', reason: null, since: null },
    ],
    ['lost its owner', { owner_lost_at: since }, { state: 'owner_lost', reason: null, since }],
    [
      'is on hold, whatever else holds it',
      { held_at: since, pause: { by: 'tenant', reason: null, since } },
      { state: 'on_hold', reason: 'restore_hold', since },
    ],
    [
      'is paused by the provider',
      { pause: { by: 'provider', reason: 'balance_empty', since } },
      { state: 'connection_paused', reason: 'balance_empty', since },
    ],
    [
      'is paused by people',
      { pause: { by: 'tenant', reason: null, since } },
      { state: 'paused', reason: null, since },
    ],
  ])('tells of a lane that %s', (_, change, condition) => {
    expect(laneCondition({ ...owned, ...change })).toEqual(condition);
  });
});
