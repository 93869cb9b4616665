import { MessageEnder, ScheduledPromoter } from '../../apps/gateway/src/messages/index.js';
import { Configuration } from '../../apps/gateway/src/platform/config/index.js';
import {
  Database,
  LaneSignals,
  PartitionKeeper,
} from '../../apps/gateway/src/platform/database/index.js';
import type { Log } from '../../apps/gateway/src/platform/logging/index.js';
import { Reconciler } from '../../apps/gateway/src/reconciliation/reconciler.js';
import type { TestGateway } from './gateway.js';

export const quietLog = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
} as unknown as Log;

/** The reconciler of a gateway that was started with `loops: false`: the test turns its steps. */
export function reconcilerOf(gateway: TestGateway, log = quietLog): Reconciler {
  return new Reconciler(
    gateway.get(Database),
    gateway.get(ScheduledPromoter),
    gateway.get(MessageEnder),
    gateway.get(PartitionKeeper),
    gateway.get(LaneSignals),
    gateway.get(Configuration),
    log,
  );
}
