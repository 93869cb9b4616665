import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { LaneWorker } from './lane-worker.js';

const idle = { runOnce: async () => undefined };

function workerWith(beat: () => Promise<void>): LaneWorker {
  return new LaneWorker(
    { size: 0, all: () => [] } as never,
    { intervalMs: 1_000, beat, leave: async () => undefined } as never,
    { ...idle, stop: async () => undefined } as never,
    { pumpAll: () => undefined, isQuiet: true } as never,
    { drained: async () => undefined } as never,
    { provider: { timeoutMs: 100, marginMs: 100 } } as never,
    { warn: () => undefined, error: () => undefined } as never,
    { onWork: () => undefined } as never,
    idle as never,
    idle as never,
    idle as never,
    idle as never,
    idle as never,
    idle as never,
  );
}

describe('the loops of a worker', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('beat on once an interval while the database is away, so that it may write again at once', async () => {
    const beats: number[] = [];
    const worker = workerWith(async () => {
      beats.push(Date.now());
      throw new Error('the database is away');
    });
    await worker.onApplicationBootstrap();
    await jest.advanceTimersByTimeAsync(20_000);
    const pauses = beats.slice(2).map((at, index) => at - (beats[index + 1] as number));
    expect(Math.max(...pauses)).toBe(1_000);
    const stopped = worker.beforeApplicationShutdown();
    await jest.advanceTimersByTimeAsync(5_000);
    await stopped;
  });
});
