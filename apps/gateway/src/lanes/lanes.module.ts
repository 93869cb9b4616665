import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/index.js';
import { MessagesModule } from '../messages/index.js';
import { QueueModule } from '../queue/index.js';
import { BreakerProber } from './breaker-prober.js';
import { Dispatcher } from './dispatcher.js';
import { GraceReturner } from './grace-returner.js';
import { Intender } from './intender.js';
import { LaneKeeper } from './lane-keeper.js';
import { LaneMetrics } from './lane-metrics.js';
import { LaneRefresher } from './lane-refresher.js';
import { LaneRegistry } from './lane-registry.js';
import { LaneReporter } from './lane-reporter.js';
import { LaneWorker } from './lane-worker.js';
import { LateEvidence } from './late-evidence.js';
import { Lessons } from './lessons.js';
import { Pager } from './pager.js';
import { Poller } from './poller.js';
import { ProviderRoute } from './provider-route.js';
import { Settler } from './settler.js';
import { SpareSockets } from './spare-sockets.js';
import { WorkerPresence } from './worker-presence.js';

/**
 * Owns: lanes, workers (the rows), and in memory the pace of sends and polls.
 * Offers: WorkerPresence; its loops run in the worker role only.
 * Calls: queue, messages (merge, expiry), accounts (keys, states of connections, callback URLs), the provider.
 */
@Module({
  imports: [AccountsModule, MessagesModule, QueueModule],
  providers: [
    BreakerProber,
    Dispatcher,
    GraceReturner,
    Intender,
    LaneKeeper,
    LaneMetrics,
    LaneRefresher,
    LaneRegistry,
    LaneReporter,
    LaneWorker,
    LateEvidence,
    Lessons,
    Pager,
    Poller,
    ProviderRoute,
    Settler,
    SpareSockets,
    WorkerPresence,
  ],
  exports: [WorkerPresence, LaneRegistry],
})
export class LanesModule {}
