import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/index.js';
import { Database, sqlFile, type Transaction } from '../platform/database/index.js';
import { Ids } from '../platform/ids/index.js';
import { Log } from '../platform/logging/index.js';
import { LaneQueue, QueueRows, type TakenLane } from '../queue/index.js';
import { LaneRefresher } from './lane-refresher.js';
import { LaneRegistry } from './lane-registry.js';
import { LaneState } from './lane-state.js';
import { WorkerPresence } from './worker-presence.js';

const disownLanes = sqlFile(import.meta.url, './sql/disown-lanes.sql');
const countLanesAtWork = sqlFile(import.meta.url, './sql/count-lanes-at-work.sql');
const idleBeforeReleaseMs = 10_000;
const mostTakenAtOnce = 200;

interface LaneCounts {
  readonly at_work: number;
  readonly free: number;
  readonly handed_over: number;
  readonly orphaned: number;
}

/**
 * Decides which lanes this worker owns: takes free ones up to its fair share, those of lost workers and those
 * that an operator took from another one whatever its share, gives back idle ones, and hands some over when workers join (DISPATCH 7 and 18).
 */
@Injectable()
export class LaneKeeper {
  private stopping = false;

  constructor(
    private readonly registry: LaneRegistry,
    private readonly presence: WorkerPresence,
    private readonly refresher: LaneRefresher,
    private readonly database: Database,
    private readonly queue: LaneQueue,
    private readonly queueRows: QueueRows,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly log: Log,
  ) {}

  async runOnce(): Promise<void> {
    if (this.stopping || !this.presence.mayWrite()) return;
    const lost = await this.presence.loseSilentWorkers();
    if (lost > 0) this.log.warn({ workers: lost }, 'silent workers were declared lost');
    await this.disown();
    const [alive, counts] = [await this.presence.countAlive(), await this.count()];
    const share = Math.ceil(counts.at_work / alive);
    if (counts.orphaned > 0) await this.take('lost', mostTakenAtOnce);
    if (counts.handed_over > 0) await this.take('handed_over', mostTakenAtOnce);
    const room = share - this.registry.size;
    if (counts.free > 0 && room > 0) await this.take('free', Math.min(room, mostTakenAtOnce));
    this.markSurplus(share, counts);
    await this.release(this.registry.all().filter((lane) => this.isReleasable(lane)));
  }

  /** Gives back every lane, after what was on the wire has been settled. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.release(this.registry.all().filter((lane) => lane.inFlight === 0));
  }

  private async count(): Promise<LaneCounts> {
    return this.database.transaction('hot', { role: 'worker' }, async (tx) => {
      const [counts] = await tx.query<LaneCounts>(countLanesAtWork, [this.presence.id]);
      return counts as LaneCounts;
    });
  }

  private async disown(): Promise<void> {
    const lanes = this.registry.all();
    const disowned = await this.database.transaction('hot', { role: 'worker' }, (tx) =>
      tx.query(disownLanes, [
        this.presence.id,
        lanes.map((lane) => lane.lease.accountId),
        lanes.map((lane) => lane.lease.token),
      ]),
    );
    if (disowned.length > 0)
      this.log.warn({ lanes: disowned.length }, 'lanes without an owner in memory were given free');
  }

  /** One transaction: the token grows, then the former owner's open intents are read and called unknown. */
  private async take(kind: 'free' | 'handed_over' | 'lost', most: number): Promise<void> {
    const worker = this.presence.id;
    const taken = await this.database.transaction(
      'hot',
      { role: 'worker', statementTimeoutMs: 15_000 },
      async (tx) => {
        const lanes = await this.queue.take(tx, worker, most, kind);
        if (lanes.length > 0) await this.judgeOpenIntents(tx, lanes);
        return lanes;
      },
    );
    if (taken.length === 0) return;
    const nowMs = this.clock.monotonicMs();
    const lanes = taken.map((lane) => new LaneState(lane, worker, nowMs));
    for (const lane of lanes) this.registry.add(lane);
    await this.refresher.refresh(lanes);
  }

  private async judgeOpenIntents(tx: Transaction, lanes: readonly TakenLane[]): Promise<void> {
    const { intents, unknown } = await this.queue.readOpenIntents(tx, lanes);
    if (intents.length === 0) return;
    await this.queueRows.lock(tx, unknown);
    const at = this.clock.now();
    await this.queue.settle(
      tx,
      unknown.map((row) => ({
        ...row,
        outcome: 'unknown',
        providerMessageId: null,
        code: 'owner_lost',
        eventId: this.ids.next(),
        eventType: 'owner_lost',
        at,
        detail: {},
      })),
      intents,
    );
    this.log.warn(
      { intents: intents.length, messages: unknown.length },
      'intents of a lost owner were called unknown',
    );
  }

  /** Lanes above the fair share go to whoever has room: the least busy first, and last what an operator moved here. */
  private markSurplus(share: number, counts: LaneCounts): void {
    const lanes = this.registry.all();
    const surplus = lanes.length - Math.max(1, share);
    if (surplus <= 0 || counts.at_work <= lanes.length - surplus) return;
    const byLoad = lanes.sort(
      (a, b) =>
        Number(a.isHandedOver) - Number(b.isHandedOver) || a.buffer.knownSize - b.buffer.knownSize,
    );
    for (const lane of byLoad.slice(0, surplus)) lane.releasing = true;
  }

  private isReleasable(lane: LaneState): boolean {
    if (lane.releasing)
      return lane.inFlight === 0 && !lane.intending && lane.pollsUnderWay.size === 0;
    const idleMs = this.clock.monotonicMs() - lane.lastBusyMs;
    return lane.isIdle && !lane.pollsDue && !lane.graceDue && idleMs > idleBeforeReleaseMs;
  }

  private async release(lanes: readonly LaneState[]): Promise<void> {
    if (lanes.length === 0) return;
    // Out of memory first: from here on nothing of them can be intended.
    for (const lane of lanes) this.registry.drop(lane);
    await this.database.transaction('hot', { role: 'worker' }, (tx) =>
      this.queue.release(
        tx,
        this.presence.id,
        lanes.map((lane) => lane.lease),
      ),
    );
  }
}
