import { Clock } from '../../apps/gateway/src/platform/clock/index.js';
import { Configuration } from '../../apps/gateway/src/platform/config/index.js';
import { WorkerPresence } from '../../apps/gateway/src/lanes/worker-presence.js';
import type { TestGateway } from './gateway.js';

/** Lets so many milliseconds pass on one gateway's monotonic clock, as if its process had slept. */
export function skipTime(gateway: TestGateway, ms: number): void {
  const clock = gateway.get(Clock);
  const before = clock.monotonicMs.bind(clock);
  clock.monotonicMs = () => before() + ms;
}

/** From here on time passes on it by skipping alone. */
export function stopTime(gateway: TestGateway): void {
  const clock = gateway.get(Clock);
  const nowMs = clock.monotonicMs();
  clock.monotonicMs = () => nowMs;
}

/** A full lease of unbroken heartbeats, without waiting for it. */
export async function beatForALease(gateway: TestGateway): Promise<void> {
  const presence = gateway.get(WorkerPresence);
  const { leaseMs } = gateway.get(Configuration).provider;
  await presence.beat(0);
  for (let beats = 0; beats < 3; beats += 1) {
    skipTime(gateway, leaseMs / 3);
    await presence.beat(0);
  }
}
