import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Clock } from './clock.js';

/** The two clocks of this machine, in milliseconds: its time of day can step, the monotonic one cannot. */
let wallMs: number;
let monotonicMs: number;

beforeEach(() => {
  wallMs = Date.parse('2026-03-01T12:00:00Z');
  monotonicMs = 5_000;
  jest.spyOn(Date, 'now').mockImplementation(() => wallMs);
  jest.spyOn(performance, 'now').mockImplementation(() => monotonicMs);
});

afterEach(() => {
  jest.restoreAllMocks();
});

function pass(ms: number): void {
  wallMs += ms;
  monotonicMs += ms;
}

/** One question to a database whose clock is `aheadMs` before the monotonic one, with an equal way to and fro. */
function ask(clock: Clock, aheadMs: number, roundTripMs = 4): void {
  const sentMs = Date.now();
  pass(roundTripMs / 2);
  const databaseMs = monotonicMs + aheadMs;
  pass(roundTripMs / 2);
  clock.measure(databaseMs, sentMs, Date.now());
}

const noon = Date.parse('2026-03-01T12:00:00Z') - 5_000;

describe('the clock', () => {
  it("is this machine's own until the database was asked", () => {
    const clock = new Clock();
    expect(clock.nowMs()).toBe(wallMs);
    expect(clock.now()).toEqual(new Date(wallMs));
    expect(clock.offsetMs).toBe(0);
  });

  it("is the database's from the first answer on, however far they are apart", () => {
    const clock = new Clock();
    ask(clock, noon + 600_000);
    expect(clock.nowMs()).toBe(monotonicMs + noon + 600_000);
    expect(clock.offsetMs).toBe(600_000);
    pass(1_234);
    expect(clock.nowMs()).toBe(monotonicMs + noon + 600_000);
  });

  it("does not move when this machine's time of day steps", () => {
    const clock = new Clock();
    ask(clock, noon);
    for (const stepMs of [600_000, -3_600_000, 40 * 86_400_000]) {
      wallMs += stepMs;
      expect(clock.nowMs()).toBe(monotonicMs + noon);
      pass(1_000);
      ask(clock, noon);
      expect(clock.nowMs()).toBe(monotonicMs + noon);
    }
  });

  it('throws away a question during which the time of day stepped', () => {
    const clock = new Clock();
    ask(clock, noon);
    clock.measure(monotonicMs + noon, Date.now(), Date.now() + 600_000);
    clock.measure(monotonicMs + noon, Date.now(), Date.now() - 600_000);
    expect(clock.nowMs()).toBe(monotonicMs + noon);
  });

  it("follows the database's clock at once where it drifts", () => {
    const clock = new Clock();
    ask(clock, noon);
    ask(clock, noon + 300);
    expect(clock.nowMs()).toBe(monotonicMs + noon + 300);
  });

  it('takes what is smaller than half of the round trip for noise', () => {
    const clock = new Clock();
    ask(clock, noon);
    ask(clock, noon + 40, 100);
    expect(clock.nowMs()).toBe(monotonicMs + noon);
    ask(clock, noon + 60, 100);
    expect(clock.nowMs()).toBe(monotonicMs + noon + 60);
  });

  it("believes a step of the database's clock only when it was measured twice in a row", () => {
    const clock = new Clock();
    const days = 5 * 86_400_000;
    ask(clock, noon);
    ask(clock, noon + days);
    expect(clock.nowMs()).toBe(monotonicMs + noon);
    ask(clock, noon);
    ask(clock, noon + days);
    expect(clock.nowMs()).toBe(monotonicMs + noon);
    ask(clock, noon + days);
    expect(clock.nowMs()).toBe(monotonicMs + noon + days);
  });

  it('does not take one surprise for the confirmation of another', () => {
    const clock = new Clock();
    ask(clock, noon);
    ask(clock, noon + 60_000);
    ask(clock, noon - 60_000);
    expect(clock.nowMs()).toBe(monotonicMs + noon);
  });

  it('learns nothing from an answer that was long on its way, except at first', () => {
    const clock = new Clock();
    ask(clock, noon + 800, 3_000);
    expect(clock.nowMs()).toBe(monotonicMs + noon + 800);
    ask(clock, noon + 4_000, 3_000);
    expect(clock.nowMs()).toBe(monotonicMs + noon + 800);
  });

  it('measures durations by the clock that never steps', () => {
    const clock = new Clock();
    const beginMs = clock.monotonicMs();
    wallMs += 600_000;
    monotonicMs += 7;
    expect(clock.monotonicMs() - beginMs).toBe(7);
  });
});
