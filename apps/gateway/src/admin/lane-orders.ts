import { Injectable } from '@nestjs/common';
import { IsNull, type EntityManager } from 'typeorm';
import { Account, Connection, ConnectionState, Lane } from '../accounts/index.js';
import { ControlPlane, sqlFile } from '../platform/database/index.js';
import { NotFound } from '../platform/errors/index.js';
import { AuditTrail, type Actor } from '../tenants/index.js';
import { LaneWithoutOwner, NoOtherWorker, NothingToProbe } from './admin.errors.js';
import { LaneViews, type LaneView } from './lane-views.js';

const findOtherWorker = sqlFile(import.meta.url, './sql/find-other-worker.sql');

/** What a waiting lane asks the provider for by itself, in its own time. */
const probedReasons: ReadonlySet<string | null> = new Set([
  'breaker_open',
  'wrong_address',
  'back_off',
]);

/**
 * Orders to the owner of a lane. They are written to its row, and the owner finds them within about a second; every
 * rule of sending holds for what it then does.
 */
@Injectable()
export class LaneOrders {
  constructor(
    private readonly controlPlane: ControlPlane,
    private readonly lanes: LaneViews,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * The owner begins nothing more, settles what is on the wire and lets go; another worker takes the lane.
   * @throws NotFound, LaneWithoutOwner, NoOtherWorker
   */
  async handOver(accountId: string, actor: Actor): Promise<LaneView> {
    return this.order(accountId, async (manager, lane) => {
      const { tenantId, owner } = lane;
      if (owner === null) throw new LaneWithoutOwner();
      const others = (await manager.query(findOtherWorker.text, [owner])) as unknown[];
      if (others.length === 0) throw new NoOtherWorker();
      await manager.update(Lane, { tenantId, accountId }, { handOverFrom: owner });
      await this.record(manager, lane, actor, 'account.lane_handed_over');
    });
  }

  /**
   * The owner asks the provider at once, by the means that the lane's state allows, instead of in its own time.
   * @throws NotFound, LaneWithoutOwner, NothingToProbe
   */
  async probe(accountId: string, actor: Actor): Promise<LaneView> {
    return this.order(accountId, async (manager, lane) => {
      const { tenantId, owner, connectionId } = lane;
      if (owner === null) throw new LaneWithoutOwner();
      const { condition, load } = await this.lanes.getIn(manager, accountId);
      const { state, reason } = condition;
      const hasMessages = load.urgent + load.normal + load.promotional > 0;
      const isPausedByProvider = state === 'connection_paused';
      const isProbed = isPausedByProvider || (state === 'waiting' && probedReasons.has(reason));
      // A message is what it would be asked with.
      if (!isProbed || !hasMessages) throw new NothingToProbe(state, reason);
      await manager.update(Lane, { tenantId, accountId }, { probeAskedAt: () => 'app_clock()' });
      if (isPausedByProvider) await endClaim(manager, connectionId);
      await this.record(manager, lane, actor, 'account.lane_probed');
    });
  }

  private order(
    accountId: string,
    write: (manager: EntityManager, lane: Lane) => Promise<void>,
  ): Promise<LaneView> {
    return this.controlPlane.run({ role: 'operator' }, async (manager) => {
      const isOpen = await manager.existsBy(Account, { id: accountId, deletedAt: IsNull() });
      // A change of the owner waits for us, or we for it.
      const lane = await manager.findOne(Lane, {
        where: { accountId },
        lock: { mode: 'for_no_key_update' },
      });
      if (!isOpen || lane === null) throw new NotFound();
      await write(manager, lane);
      return this.lanes.getIn(manager, accountId);
    });
  }

  private record(
    manager: EntityManager,
    { tenantId, accountId, owner, token }: Lane,
    actor: Actor,
    action: 'account.lane_handed_over' | 'account.lane_probed',
  ): Promise<void> {
    return this.audit.record(manager, {
      tenantId,
      actor,
      action,
      object: { kind: 'account', id: accountId },
      before: { owner, token: Number(token) },
    });
  }
}

/** The claim of an earlier probe would keep this one away for up to ten seconds. */
async function endClaim(manager: EntityManager, connectionId: string): Promise<void> {
  const { fingerprint } = await manager.findOneByOrFail(Connection, { id: connectionId });
  await manager.update(
    ConnectionState,
    { fingerprint },
    { probeUntil: null, probeBy: null, updatedAt: () => 'app_clock()' },
  );
}
