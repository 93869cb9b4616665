import { describe, expect, it } from '@jest/globals';
import type { HttpAdapterHost } from '@nestjs/core';
import { HttpMetrics } from './http-metrics.js';
import { Metrics } from './metrics.js';

async function valueOf(metrics: Metrics, name: string): Promise<number> {
  const line = (await metrics.read()).split('\n').find((text) => text.startsWith(`${name} `));
  return Number(line?.split(' ')[1]);
}

describe('the metrics of a crowd', () => {
  it('tell how much room there is, and how many were turned away for want of it', async () => {
    const metrics = new Metrics();
    const crowd = { room: 512.7, onTurnedAway: (tell: typeof turnAway) => void (turnAway = tell) };
    let turnAway: (count: number) => void = () => undefined;
    const instance = { crowd, addHook: () => undefined };
    const host = { httpAdapter: { getInstance: () => instance } } as unknown as HttpAdapterHost;
    new HttpMetrics(host, metrics).onModuleInit();
    turnAway(3);
    turnAway(1);
    expect(await valueOf(metrics, 'tyrian_requests_turned_away_total')).toBe(4);
    expect(await valueOf(metrics, 'tyrian_requests_room')).toBe(512);
    crowd.room = 100;
    expect(await valueOf(metrics, 'tyrian_requests_room')).toBe(100);
  });
});
