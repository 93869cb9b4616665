import { Clock } from '../../apps/gateway/src/platform/clock/index.js';
import { WorkerPresence } from '../../apps/gateway/src/lanes/worker-presence.js';
import type { TestGateway } from './gateway.js';

/** Lets so many milliseconds pass on one gateway's monotonic clock, as if its process had slept. */
export function skipTime(gateway: TestGateway, ms: number): void {
  const clock = gateway.get(Clock);
  const before = clock.monotonicMs.bind(clock);
  clock.monotonicMs = () => before() + ms;
}

/** A full lease of unbroken heartbeats (LEASE_MS 3000), without waiting for it. */
export async function beatForALease(gateway: TestGateway): Promise<void> {
  const presence = gateway.get(WorkerPresence);
  await presence.beat(0);
  for (let beats = 0; beats < 3; beats += 1) {
    skipTime(gateway, 1_000);
    await presence.beat(0);
  }
}
