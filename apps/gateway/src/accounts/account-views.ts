import { Injectable } from '@nestjs/common';
import { Database, sqlFile } from '../platform/database/index.js';
import { NotFound } from '../platform/errors/index.js';
import { pageOf, type DeliveryMode, type Page, type PageRequest } from '../tenants/index.js';
import { AccountWork, noLoad, type AccountLoad, type StatementRunner } from './account-work.js';
import type { Category, WhenPaused } from './account.entity.js';
import { CallbackUrls } from './callback-urls.js';
import type { KeyVerdict } from './connection.entity.js';
import {
  pauseOf,
  stateOf,
  type AccountState,
  type Pause,
  type PauseColumns,
} from './lane-pause.js';
import type { LaneReport } from './lane-report.js';

const readAccounts = sqlFile(import.meta.url, './sql/read-accounts.sql');

/** An account with the state of its connection and of its queue. */
export interface AccountView {
  readonly tenantId: string;
  readonly id: string;
  readonly connectionId: string;
  readonly name: string;
  readonly senders: readonly string[];
  readonly defaultSender: string | null;
  readonly defaultCategory: Category | null;
  readonly defaultDeliveryMode: DeliveryMode | null;
  readonly whenPaused: WhenPaused;
  readonly isManaged: boolean;
  /** Its part of a connection that several accounts share. */
  readonly weight: number;
  readonly maxPerSecond: number | null;
  readonly keyVerdict: KeyVerdict;
  readonly keyCheckedAt: Date | null;
  readonly state: AccountState;
  readonly pause: Pause | null;
  /** What its lane waits for at present although nobody paused it. */
  readonly waitingFor: string | null;
  readonly load: AccountLoad;
  readonly ratePerSecond: number;
  /** null while nothing goes out. */
  readonly estimatedDrainSeconds: number | null;
  /** null too where the account is managed: the URL tells replies to all tenants on the connection. */
  readonly inboundUrl: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

interface AccountViewRow extends PauseColumns {
  readonly id: string;
  readonly connection_id: string;
  readonly name: string;
  readonly senders: string[];
  readonly default_sender: string | null;
  readonly default_category: Category | null;
  readonly default_delivery_mode: DeliveryMode | null;
  readonly when_paused: WhenPaused;
  readonly managed: boolean;
  readonly weight: number;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly max_per_second: number | null;
  readonly key_verdict: KeyVerdict;
  readonly key_checked_at: Date | null;
  readonly rate: number;
  readonly owner: string | null;
  readonly report: LaneReport | null;
  readonly on_hold: boolean;
}

/** Whose eyes an account is read with. */
type Reader =
  | { readonly role: 'operator' }
  | { readonly role: 'tenant'; readonly tenantId: string };

/** Reads accounts with what they show of connection and queue. */
@Injectable()
export class AccountViews {
  constructor(
    private readonly database: Database,
    private readonly work: AccountWork,
    private readonly callbackUrls: CallbackUrls,
  ) {}

  /** @throws NotFound */
  get(
    tenantId: string,
    accountId: string,
    reader: Reader = { role: 'tenant', tenantId },
  ): Promise<AccountView> {
    return this.database.transaction('reads', reader, (tx) => this.getIn(tx, tenantId, accountId));
  }

  /**
   * In the transaction of whoever has just changed it: an answer that needs nothing after its COMMIT.
   * @throws NotFound
   */
  async getIn(runner: StatementRunner, tenantId: string, accountId: string): Promise<AccountView> {
    const [view] = await this.read(runner, tenantId, [accountId], { limit: 1, after: null });
    if (view === undefined) throw new NotFound();
    return view;
  }

  /**
   * Newest first.
   * @param accountIds only these; null for all
   */
  list(
    tenantId: string,
    accountIds: readonly string[] | null,
    page: PageRequest,
    reader: Reader = { role: 'tenant', tenantId },
  ): Promise<Page<AccountView>> {
    return this.database.transaction('reads', reader, async (tx) => {
      const more = { ...page, limit: page.limit + 1 };
      return pageOf(await this.read(tx, tenantId, accountIds, more), page.limit);
    });
  }

  private async read(
    runner: StatementRunner,
    tenantId: string,
    accountIds: readonly string[] | null,
    { after, limit }: PageRequest,
  ): Promise<AccountView[]> {
    const parameters = [tenantId, accountIds, after, limit];
    const rows = (await runner.query(readAccounts.text, parameters)) as AccountViewRow[];
    if (rows.length === 0) return [];
    const loads = await this.work.load(
      runner,
      tenantId,
      rows.map(({ id }) => id),
    );
    return rows.map((row) => this.viewOf(tenantId, row, loads.get(row.id) ?? noLoad));
  }

  private viewOf(tenantId: string, row: AccountViewRow, load: AccountLoad): AccountView {
    const pause = pauseOf(row);
    const ratePerSecond = rateOf(row);
    const waiting = waitingFor(row);
    return {
      tenantId,
      id: row.id,
      connectionId: row.connection_id,
      name: row.name,
      senders: row.senders,
      defaultSender: row.default_sender,
      defaultCategory: row.default_category,
      defaultDeliveryMode: row.default_delivery_mode,
      whenPaused: row.when_paused,
      isManaged: row.managed,
      weight: row.weight,
      maxPerSecond: row.max_per_second,
      keyVerdict: row.key_verdict,
      keyCheckedAt: row.key_checked_at,
      state: stateOf(pause),
      pause,
      waitingFor: pause === null ? waiting : null,
      load,
      ratePerSecond,
      estimatedDrainSeconds: drainSeconds(load, ratePerSecond, {
        isHeld: pause !== null || row.on_hold,
        isOwned: row.owner !== null,
        waitingFor: waiting,
      }),
      inboundUrl: row.managed ? null : this.callbackUrls.forInbound(row.connection_id),
      createdAt: row.created_at,
      updatedAt: row.updated_at,
    };
  }
}

/** The installation's hold, or what the lane's owner says. */
function waitingFor({ on_hold: onHold, owner, report }: AccountViewRow): string | null {
  if (onHold) return 'restore_hold';
  return owner === null ? null : (report?.reason ?? null);
}

/** What the lane's owner says of its share; without one, what the key allows. */
function rateOf({ rate, max_per_second: maxPerSecond, owner, report }: AccountViewRow): number {
  const allowed = Math.min(rate, maxPerSecond ?? Number.POSITIVE_INFINITY);
  const share = owner === null ? 0 : (report?.rate_per_second ?? 0);
  return share > 0 ? share : allowed;
}

/** What a lane waits for between two messages while it flows; whatever else it waits for may take any time. */
const flowing: ReadonlySet<string> = new Set(['rate_limit', 'sockets_busy']);

/** null where messages wait and nobody can say for how long. */
function drainSeconds(
  { urgent, normal, promotional }: AccountLoad,
  ratePerSecond: number,
  lane: {
    readonly isHeld: boolean;
    readonly isOwned: boolean;
    readonly waitingFor: string | null;
  },
): number | null {
  const queued = urgent + normal + promotional;
  if (lane.isHeld) return null;
  if (queued === 0) return 0;
  const isStopped = !lane.isOwned || (lane.waitingFor !== null && !flowing.has(lane.waitingFor));
  return isStopped ? null : Math.ceil(queued / ratePerSecond);
}
