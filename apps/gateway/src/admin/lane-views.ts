import { Injectable } from '@nestjs/common';
import {
  noLoad,
  pauseOf,
  type AccountLoad,
  type LaneReport,
  type PauseColumns,
  type StatementRunner,
} from '../accounts/index.js';
import { Database, sqlFile } from '../platform/database/index.js';
import { NotFound } from '../platform/errors/index.js';
import { QueueDepth } from '../queue/index.js';
import { pageOf, type Page, type PageRequest } from '../tenants/index.js';
import { laneCondition, type LaneCondition } from './lane-condition.js';

const readLanes = sqlFile(import.meta.url, './sql/read-lanes.sql');

export interface LaneFilter {
  readonly tenantId: string | null;
  readonly onlyWithWork: boolean;
}

export interface LaneRow extends PauseColumns {
  readonly tenant_id: string;
  /** The account's. */
  readonly id: string;
  readonly connection_id: string;
  readonly weight: number;
  readonly owner: string | null;
  readonly token: number;
  readonly has_work: boolean;
  readonly active_since: Date | null;
  readonly report: LaneReport | null;
  readonly tenant_name: string;
  readonly account_name: string;
  readonly max_per_second: number | null;
  readonly rate: number;
  readonly learned_limit: number | null;
  readonly connection_not_before: Date | null;
  /** Since when the installation is on hold; null while it is not. */
  readonly held_at: Date | null;
  readonly owner_heartbeat_at: Date | null;
  readonly owner_lost_at: Date | null;
  readonly now: Date;
}

/** A lane as operators see it. */
export interface LaneView extends LaneRow {
  readonly condition: LaneCondition;
  readonly load: AccountLoad;
}

/** Reads lanes over all tenants. */
@Injectable()
export class LaneViews {
  constructor(
    private readonly database: Database,
    private readonly depth: QueueDepth,
  ) {}

  /** Newest account first. */
  list(page: PageRequest, filter: LaneFilter): Promise<Page<LaneView>> {
    const { tenantId, onlyWithWork } = filter;
    return this.database.transaction('reads', { role: 'operator' }, async (tx) => {
      const wanted = [tenantId, onlyWithWork, page.after, null, page.limit + 1];
      const { rows, nextCursor } = pageOf(await readRows(tx, wanted), page.limit);
      return { rows: await this.withLoads(tx, rows), nextCursor };
    });
  }

  /** @throws NotFound */
  get(accountId: string): Promise<LaneView> {
    return this.database.transaction('reads', { role: 'operator' }, (tx) =>
      this.getIn(tx, accountId),
    );
  }

  /**
   * In the transaction of whoever has just changed it: an answer that needs nothing after its COMMIT.
   * @throws NotFound
   */
  async getIn(runner: StatementRunner, accountId: string): Promise<LaneView> {
    const rows = await readRows(runner, [null, false, null, accountId, 1]);
    const [view] = await this.withLoads(runner, rows);
    if (view === undefined) throw new NotFound();
    return view;
  }

  private async withLoads(runner: StatementRunner, rows: readonly LaneRow[]): Promise<LaneView[]> {
    if (rows.length === 0) return [];
    const loads = await this.depth.ofLanes(
      runner,
      rows.map((row) => ({ tenantId: row.tenant_id, accountId: row.id })),
    );
    return rows.map((row) => {
      const condition = laneCondition({ ...row, pause: pauseOf(row) });
      return { ...row, condition, load: loads.get(row.id) ?? noLoad };
    });
  }
}

async function readRows(runner: StatementRunner, parameters: unknown[]): Promise<LaneRow[]> {
  return (await runner.query(readLanes.text, parameters)) as LaneRow[];
}
