import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SandboxClock } from './clock.js';

describe('the clock of the sandbox', () => {
  let clock: SandboxClock;
  let acts: string[];
  const plan = (delayMs: number, name: string) => clock.after(delayMs, () => acts.push(name));

  beforeEach(() => {
    jest.useFakeTimers({ now: 1_000_000 });
    clock = new SandboxClock();
    acts = [];
  });

  afterEach(() => {
    clock.reset();
    jest.useRealTimers();
  });

  it('acts at its time, in the order of times and then of planning', () => {
    plan(300, 'third');
    plan(100, 'first');
    plan(100, 'second');
    jest.advanceTimersByTime(99);
    expect(acts).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(acts).toEqual(['first', 'second']);
    jest.advanceTimersByTime(200);
    expect(acts).toEqual(['first', 'second', 'third']);
  });

  it('keeps any number of plans in order', () => {
    const due: number[] = [];
    for (let index = 0; index < 2_000; index++) {
      const delayMs = (index * 7_919) % 1_009;
      clock.after(delayMs, () => due.push(delayMs));
    }
    clock.advance(2_000);
    expect(due).toEqual([...due].sort((one, other) => one - other));
    expect(due).toHaveLength(2_000);
  });

  it('does at once what became due by an advance, and says how much that was', () => {
    plan(3_600_000, 'in an hour');
    plan(7_200_000, 'in two');
    expect(clock.advance(3_600_000)).toBe(1);
    expect(acts).toEqual(['in an hour']);
    expect(clock.now()).toBe(1_000_000 + 3_600_000);
    jest.advanceTimersByTime(3_600_000);
    expect(acts).toEqual(['in an hour', 'in two']);
  });

  it('waits longer than a timer of Node can', () => {
    plan(40 * 24 * 3_600_000, 'in forty days');
    jest.advanceTimersByTime(30 * 24 * 3_600_000);
    expect(acts).toEqual([]);
    jest.advanceTimersByTime(10 * 24 * 3_600_000);
    expect(acts).toEqual(['in forty days']);
  });

  it('also does what an act plans for now', () => {
    clock.after(10, () => plan(0, 'planned by an act'));
    clock.advance(10);
    expect(acts).toEqual(['planned by an act']);
  });

  it('forgets its plans and its offset at a reset', () => {
    plan(100, 'never');
    clock.advance(50);
    clock.reset();
    jest.advanceTimersByTime(1_000);
    expect(acts).toEqual([]);
    expect(clock.now()).toBe(1_001_000);
  });
});
