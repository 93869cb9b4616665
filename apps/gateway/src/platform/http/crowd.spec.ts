import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fastify, { type FastifyInstance } from 'fastify';
import { turnAwayTheCrowd } from './crowd.js';

let instance: FastifyInstance;
let url: string;
let served: number;
/** What the loop's clock shows beside the true time: a jump of it is a loop that came round late. */
let lateMs: number;
let letGo: () => void;

beforeEach(async () => {
  served = 0;
  lateMs = 0;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  instance = fastify();
  turnAwayTheCrowd(instance, () => performance.now() + lateMs);
  instance.get('/held', async () => held);
  for (const path of ['/v1/messages', '/health/live', '/callbacks/viber/s/x', '/metrics'])
    instance.get(path, async () => {
      served += 1;
      return 'served';
    });
  url = await instance.listen({ port: 0, host: '127.0.0.1' });
});

afterEach(async () => {
  letGo();
  await instance.close();
});

async function statusOf(path: string): Promise<number> {
  const answer = await fetch(url + path);
  await answer.arrayBuffer();
  return answer.status;
}

/** Requests that are begun and not answered. */
async function open(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) void statusOf('/held');
  await delay(300);
}

/** Until the loop has come round, and not again: the lag is that of the last round. */
async function comeRoundLate(ms: number): Promise<void> {
  lateMs += ms;
  await delay(50);
}

describe('a loop that comes round late', () => {
  it('turns away who comes to a crowd, unread, but for probes, callbacks and metrics; and takes all when it is quick again', async () => {
    await open(260);
    const growing = setInterval(() => (lateMs += 500), 10);
    await delay(120);
    const answers = await Promise.all(
      ['/v1/messages', '/health/live', '/callbacks/viber/s/x', '/metrics'].map(statusOf),
    );
    clearInterval(growing);
    expect(answers).toEqual([503, 200, 200, 200]);
    expect(served).toBe(3);
    await delay(200);
    expect(await statusOf('/v1/messages')).toBe(200);
  });

  it('turns nobody away where few are there', async () => {
    await comeRoundLate(10_000);
    expect(await statusOf('/v1/messages')).toBe(200);
  });
});

describe('a crowd', () => {
  it('is served as long as the loop is quick', async () => {
    await open(260);
    expect(await statusOf('/v1/messages')).toBe(200);
  });
});
