import { Injectable } from '@nestjs/common';
import { AccountWork, type AccountLoad, type StatementRunner } from '../accounts/index.js';
import { sqlFile } from '../platform/database/index.js';
import type { LaneKey } from './lane.js';

const queueDepth = sqlFile(import.meta.url, './sql/queue-depth.sql');

/** Counting stops here: for one account, and for each of many. */
const boundOfOne = 100_000;
const boundOfMany = 10_000;

interface DepthRow {
  readonly account_id: string;
  readonly urgent: number;
  readonly normal: number;
  readonly promotional: number;
  readonly scheduled: number;
  readonly capped: boolean;
  readonly oldest_queued_at: Date | null;
}

// A message on the wire still has its queue row.
const findOpenWork = `select exists (select from outgoing where tenant_id = $1 and account_id = $2)
    or exists (select from scheduled where tenant_id = $1 and account_id = $2) as open`;

/** How much waits on accounts. */
@Injectable()
export class QueueDepth extends AccountWork {
  load(
    runner: StatementRunner,
    tenantId: string,
    accountIds: readonly string[],
  ): Promise<ReadonlyMap<string, AccountLoad>> {
    const lanes = accountIds.map((accountId) => ({ tenantId, accountId }));
    return this.read(runner, lanes);
  }

  /** Of lanes of any tenants, for operators; by account id. */
  ofLanes(
    runner: StatementRunner,
    lanes: readonly LaneKey[],
  ): Promise<ReadonlyMap<string, AccountLoad>> {
    return this.read(runner, lanes);
  }

  async hasOpenWork(
    runner: StatementRunner,
    tenantId: string,
    accountId: string,
  ): Promise<boolean> {
    const rows = (await runner.query(findOpenWork, [tenantId, accountId])) as { open: boolean }[];
    return rows[0]?.open === true;
  }

  private async read(
    runner: StatementRunner,
    lanes: readonly LaneKey[],
  ): Promise<ReadonlyMap<string, AccountLoad>> {
    const bound = lanes.length > 1 ? boundOfMany : boundOfOne;
    const rows = (await runner.query(queueDepth.text, [
      lanes.map(({ tenantId }) => tenantId),
      lanes.map(({ accountId }) => accountId),
      bound,
    ])) as DepthRow[];
    return new Map(rows.map((row) => [row.account_id, loadOf(row)]));
  }
}

function loadOf(row: DepthRow): AccountLoad {
  const { urgent, normal, promotional, scheduled, capped } = row;
  return { urgent, normal, promotional, scheduled, capped, oldestQueuedAt: row.oldest_queued_at };
}
