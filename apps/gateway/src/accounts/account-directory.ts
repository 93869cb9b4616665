import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/index.js';
import { Database, sqlFile } from '../platform/database/index.js';
import { LookUpCache, type DeliveryMode } from '../tenants/index.js';
import type { Category, WhenPaused } from './account.entity.js';
import { pauseOf, type Pause, type PauseColumns } from './lane-pause.js';

const readSendingAccounts = sqlFile(import.meta.url, './sql/read-sending-accounts.sql');
const usualMaxAgeMs = 2_000;
const size = 5_000;
/** Who comes later is turned away rather than made to wait for most of the request's time. */
const longestReadMs = 1_000;
const statementTimeoutMs = 1_500;

/** An account as accepting a message needs it. */
export interface SendingAccount {
  readonly id: string;
  readonly connectionId: string;
  readonly name: string;
  /** Empty: any sender. */
  readonly senders: readonly string[];
  readonly defaultSender: string | null;
  readonly defaultCategory: Category | null;
  readonly defaultDeliveryMode: DeliveryMode | null;
  readonly whenPaused: WhenPaused;
  /** null while it is active, a few seconds ago. */
  readonly pause: Pause | null;
}

interface AccountRow extends Omit<PauseColumns, 'tenant_suspended_at'> {
  readonly tenant_id: string;
  readonly id: string;
  readonly connection_id: string;
  readonly name: string;
  readonly senders: string[];
  readonly default_sender: string | null;
  readonly default_category: Category | null;
  readonly default_delivery_mode: DeliveryMode | null;
  readonly when_paused: WhenPaused;
}

/** The accounts that a tenant can send over, a few seconds old at the most. */
@Injectable()
export class AccountDirectory {
  private readonly cache: LookUpCache<readonly SendingAccount[]>;

  constructor(
    private readonly database: Database,
    clock: Clock,
  ) {
    this.cache = new LookUpCache({
      load: (tenantIds) => this.load(tenantIds),
      maxAgeMs: usualMaxAgeMs,
      maxAbsentAgeMs: 200,
      size,
      longestReadMs,
      nowMs: () => clock.monotonicMs(),
    });
  }

  /**
   * Oldest first.
   * @param maxAgeMs how old the answer may be: less where an account was not found, as another
   * process may just have made it. @default 2000
   * @param leftMs how long the request can wait. @default by its ambient deadline
   */
  async forTenant(
    tenantId: string,
    maxAgeMs = usualMaxAgeMs,
    leftMs?: number,
  ): Promise<readonly SendingAccount[]> {
    return (await this.cache.get(tenantId, maxAgeMs, leftMs)) ?? [];
  }

  /** Makes a change that this process has just committed felt here at once. */
  invalidate(tenantId: string): void {
    this.cache.invalidate(tenantId);
  }

  private async load(
    tenantIds: readonly string[],
  ): Promise<ReadonlyMap<string, readonly SendingAccount[]>> {
    const rows = await this.database.transaction(
      // Few and short: behind the flushes and the loops of the hot pool each request would wait for them.
      'callbacks',
      { role: 'ingest', statementTimeoutMs, access: 'read' },
      (transaction) => transaction.query<AccountRow>(readSendingAccounts, [tenantIds]),
    );
    const byTenant = new Map<string, SendingAccount[]>();
    for (const row of rows) {
      const accounts = byTenant.get(row.tenant_id);
      if (accounts === undefined) byTenant.set(row.tenant_id, [sendingAccount(row)]);
      else accounts.push(sendingAccount(row));
    }
    return byTenant;
  }
}

function sendingAccount(row: AccountRow): SendingAccount {
  return {
    id: row.id,
    connectionId: row.connection_id,
    name: row.name,
    senders: row.senders,
    defaultSender: row.default_sender,
    defaultCategory: row.default_category,
    defaultDeliveryMode: row.default_delivery_mode,
    whenPaused: row.when_paused,
    // A suspended tenant is turned away before.
    pause: pauseOf({ ...row, tenant_suspended_at: null }),
  };
}
