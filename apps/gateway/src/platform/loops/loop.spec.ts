import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Loop } from './loop.js';

const errors = jest.fn();
const log = { error: errors } as unknown as ConstructorParameters<typeof Loop>[1]['log'];
const aWhile = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

let loop: Loop;

/** A busy machine may take its time. */
async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo() && tries < 200; tries += 1) await aWhile(10);
}

function start(tick: () => Promise<boolean | void>, intervalMs: number): Loop {
  loop = new Loop(tick, { name: 'test', intervalMs, log });
  loop.start();
  return loop;
}

afterEach(async () => {
  await loop.stop();
  jest.useRealTimers();
  errors.mockClear();
});

describe('a loop', () => {
  it('ticks at once, and again after its interval', async () => {
    let ticks = 0;
    start(async () => void (ticks += 1), 20);
    await aWhile(5);
    expect(ticks).toBe(1);
    await aWhile(60);
    expect(ticks).toBeGreaterThan(1);
    expect(ticks).toBeLessThan(6);
  });

  it('ticks again at once where there is more', async () => {
    let ticks = 0;
    start(async () => (ticks += 1) < 5, 60_000);
    await until(() => ticks === 5);
    await aWhile(20);
    expect(ticks).toBe(5);
  });

  it('is woken from its pause, and by what comes during a tick', async () => {
    let ticks = 0;
    start(async () => {
      ticks += 1;
      if (ticks === 2) loop.wake();
    }, 60_000);
    await until(() => ticks === 1);
    loop.wake();
    await until(() => ticks === 3);
    await aWhile(20);
    expect(ticks).toBe(3);
  });

  it('never runs two ticks at a time, however it is woken, stopped and started', async () => {
    let running = 0;
    let most = 0;
    start(async () => {
      running += 1;
      most = Math.max(most, running);
      await aWhile(10);
      running -= 1;
    }, 1);
    for (let round = 0; round < 5; round += 1) {
      loop.wake();
      loop.start();
      void loop.stop();
      loop.start();
      await aWhile(7);
    }
    await loop.stop();
    expect(most).toBe(1);
    expect(running).toBe(0);
  });

  it('goes on after a stop and a start', async () => {
    let ticks = 0;
    start(async () => void (ticks += 1), 5);
    await loop.stop();
    const before = ticks;
    loop.start();
    await aWhile(20);
    expect(ticks).toBeGreaterThan(before);
  });

  it('waits for the running tick when it is stopped, and does not begin another', async () => {
    let ended = 0;
    start(async () => {
      await aWhile(20);
      ended += 1;
      return true;
    }, 1);
    await aWhile(5);
    await loop.stop();
    expect(ended).toBe(1);
    await aWhile(30);
    expect(ended).toBe(1);
  });

  it('ends its pause at once when it is stopped', async () => {
    start(async () => undefined, 60_000);
    await aWhile(5);
    await loop.stop();
    expect(errors).not.toHaveBeenCalled();
  });

  it('survives a throwing tick, tells of the first, and pauses twice as long after each', async () => {
    jest.useFakeTimers();
    const at: number[] = [];
    let isBroken = true;
    start(async () => {
      at.push(Date.now());
      if (isBroken) throw new Error('broken');
    }, 100);
    await jest.advanceTimersByTimeAsync(3_200);
    expect(at.slice(1).map((ms, index) => ms - (at[index] as number))).toEqual([
      200, 400, 800, 1_600,
    ]);
    expect(errors).toHaveBeenCalledTimes(1);
    // A hint does not shorten the pause of a tick that fails: it would turn hints into a storm.
    loop.wake();
    await jest.advanceTimersByTimeAsync(10);
    expect(at).toHaveLength(5);
    isBroken = false;
    await jest.advanceTimersByTimeAsync(3_200);
    const healthy = at.slice(6).map((ms, index) => ms - (at[index + 5] as number));
    expect(new Set(healthy)).toEqual(new Set([100]));
  });

  it('never pauses longer than five seconds where its interval is short', async () => {
    jest.useFakeTimers();
    const at: number[] = [];
    start(async () => {
      at.push(Date.now());
      throw new Error('broken');
    }, 100);
    await jest.advanceTimersByTimeAsync(60_000);
    const pauses = at.slice(1).map((ms, index) => ms - (at[index] as number));
    expect(Math.max(...pauses)).toBe(5_000);
  });
});
