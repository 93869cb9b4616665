import {
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { LaneSignals, type WorkHint } from '../platform/database/index.js';
import { Configuration } from '../platform/config/index.js';
import { Log } from '../platform/logging/index.js';
import { Loop } from '../platform/loops/index.js';
import { BreakerProber } from './breaker-prober.js';
import { Dispatcher } from './dispatcher.js';
import { GraceReturner } from './grace-returner.js';
import { LaneKeeper } from './lane-keeper.js';
import { LaneRefresher } from './lane-refresher.js';
import { LaneRegistry } from './lane-registry.js';
import { LaneReporter } from './lane-reporter.js';
import { Pager } from './pager.js';
import { Poller } from './poller.js';
import { Settler } from './settler.js';
import { WorkerPresence } from './worker-presence.js';

const pumpEveryMs = 10;
/** As often as a bucket of tokens fills: a slower loop could not use up what polls have. */
const pollEveryMs = 50;

/** Runs the loops of the worker role, and ends them in order: no new work, what is on the wire, the leases. */
@Injectable()
export class LaneWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loops: Loop[];
  private readonly heartbeat: Loop;
  private readonly keeping: Loop;
  private readonly paging: Loop;

  constructor(
    private readonly registry: LaneRegistry,
    private readonly presence: WorkerPresence,
    private readonly keeper: LaneKeeper,
    private readonly dispatcher: Dispatcher,
    private readonly settler: Settler,
    private readonly configuration: Configuration,
    private readonly log: Log,
    signals: LaneSignals,
    refresher: LaneRefresher,
    reporter: LaneReporter,
    pager: Pager,
    poller: Poller,
    graceReturner: GraceReturner,
    prober: BreakerProber,
  ) {
    const loop = (name: string, intervalMs: number, tick: () => Promise<boolean | void>): Loop =>
      new Loop(tick, { name, intervalMs, log });
    // It never backs off: until it beats again nothing is sent (DISPATCH 4).
    this.heartbeat = new Loop(() => presence.beat(registry.size), {
      name: 'heartbeat',
      intervalMs: presence.intervalMs,
      maxBackOffMs: presence.intervalMs,
      log,
    });
    this.keeping = loop('lane-keeper', 1_000, () => keeper.runOnce());
    this.paging = loop('pager', 50, async () => {
      const more = await pager.runOnce();
      dispatcher.pumpAll();
      return more;
    });
    this.loops = [
      this.keeping,
      this.paging,
      loop('lane-refresher', 1_000, () => refresher.runOnce()),
      loop('pump', pumpEveryMs, async () => dispatcher.pumpAll()),
      loop('poller', pollEveryMs, () => poller.runOnce()),
      loop('grace', 500, () => graceReturner.runOnce()),
      loop('breaker-prober', 500, () => prober.runOnce()),
      loop('lane-reporter', 2_000, () => reporter.runOnce()),
    ];
    signals.onWork((accountId, hint) => this.hint(accountId, hint));
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.presence
      .beat(0)
      .catch((error: unknown) => this.log.warn({ err: error }, 'the first heartbeat failed'));
    this.heartbeat.start();
    for (const loop of this.loops) loop.start();
  }

  /** DESIGN section 8: stop taking work, finish what is on the wire, give up the leases. */
  async beforeApplicationShutdown(): Promise<void> {
    for (const lane of this.registry.all()) lane.releasing = true;
    await Promise.all(this.loops.map((loop) => loop.stop()));
    await this.finishWire();
    await this.keeper
      .stop()
      .catch((error: unknown) => this.log.warn({ err: error }, 'lanes could not be given back'));
    await this.heartbeat.stop();
    await this.presence.leave().catch(() => undefined);
  }

  private hint(accountId: string, { isFromHead }: WorkHint): void {
    const lane = this.registry.find(accountId);
    if (!lane) {
      this.keeping.wake();
      return;
    }
    lane.mayHaveMore = true;
    lane.readFromHead ||= isFromHead;
    this.paging.wake();
  }

  private async finishWire(): Promise<void> {
    const { timeoutMs, marginMs } = this.configuration.provider;
    const deadlineMs = performance.now() + timeoutMs + marginMs;
    while (!this.dispatcher.isQuiet && performance.now() < deadlineMs) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await Promise.race([
      this.settler.drained(),
      new Promise((resolve) => setTimeout(resolve, 2_000)),
    ]);
  }
}
