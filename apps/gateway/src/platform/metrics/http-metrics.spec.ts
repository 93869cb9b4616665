import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { HttpAdapterHost } from '@nestjs/core';
import { Crowd } from '../http/index.js';
import { HttpMetrics } from './http-metrics.js';
import { Metrics } from './metrics.js';
import type { IncomingMessage, ServerResponse } from 'node:http';

let crowd: Crowd;
let metrics: Metrics;

beforeEach(() => {
  crowd = new Crowd();
  metrics = new Metrics();
  const instance = { crowd, addHook: () => undefined };
  const host = { httpAdapter: { getInstance: () => instance } } as unknown as HttpAdapterHost;
  new HttpMetrics(host, metrics).onModuleInit();
});

afterEach(() => {
  crowd.close();
});

/** A request that stays unanswered where it is taken. */
function come(): void {
  const request = { method: 'POST', url: '/v1/messages', headers: {} };
  const response = { once: () => response, writeHead: () => response, end: () => undefined };
  crowd.takes(request as unknown as IncomingMessage, response as unknown as ServerResponse);
}

async function valueOf(name: string): Promise<number> {
  const line = (await metrics.read()).split('\n').find((text) => text.startsWith(`${name} `));
  return Number(line?.split(' ')[1]);
}

describe('the metrics of a crowd', () => {
  it('tell how much room there is, and how many were turned away for want of it', async () => {
    const room = await valueOf('tyrian_requests_room');
    expect(room).toBe(Math.floor(crowd.room));
    for (let n = 0; n < room + 3; n += 1) come();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await valueOf('tyrian_requests_turned_away_total')).toBe(3);
  });
});
