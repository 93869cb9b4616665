import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/index.js';
import { Database, type Transaction } from '../platform/database/index.js';
import { leastValiditySeconds, QueueRows, type MessageKey } from '../queue/index.js';
import { EvidenceMerger } from './evidence-merger.js';
import type { Evidence } from './evidence.js';
import { waitedDetail, WaitingReader } from './waiting-reader.js';

interface ExpiredRow {
  readonly tenant_id: string;
  readonly message_id: string;
}

interface ClosedRow extends ExpiredRow {
  readonly status: 'sent' | 'pending' | 'uncertain';
  readonly attempt: number;
}

const findExpired = `select tenant_id, message_id from outgoing
  where expires_at < app_clock() + make_interval(secs => $1) order by expires_at limit $2`;
const findOfAccount =
  'select tenant_id, message_id from outgoing where tenant_id = $1 and account_id = $2 limit $3';
const takeScheduled = `delete from scheduled where tenant_id = $1 and account_id = $2 returning tenant_id, message_id`;
const findClosed = `select tenant_id, message_id, status, attempt from awaiting
  where window_ends_at <= app_clock() order by window_ends_at limit $1`;

const accountBite = 5_000;

/** Ends messages whose time is over: the validity in the queue, or the provider's window of five days. */
@Injectable()
export class MessageEnder {
  constructor(
    private readonly database: Database,
    private readonly queueRows: QueueRows,
    private readonly merger: EvidenceMerger,
    private readonly waiting: WaitingReader,
    private readonly clock: Clock,
  ) {}

  /** Expires queued messages of all lanes, paused and ownerless ones too. Returns whether there may be more to expire. */
  async expireOverdue(most: number): Promise<boolean> {
    return this.database.transaction('hot', { role: 'worker' }, async (tx) => {
      if (!(await isAlone(tx, 'tyrian.expire'))) return false;
      const found = await tx.query<ExpiredRow>(findExpired, [leastValiditySeconds, most]);
      const expired = await this.expire(tx, found.map(keyOf), 'validity_over');
      // What is on the wire stays: a bite of such rows alone would be found again and again.
      return found.length === most && expired > 0;
    });
  }

  /** Ends a queue by force, as its account is deleted, in bites. Returns whether there may be more to end. */
  async expireAccount(tenantId: string, accountId: string): Promise<boolean> {
    return this.database.transaction('hot', { role: 'worker' }, async (tx) => {
      const taken = await tx.query<ExpiredRow>(takeScheduled, [tenantId, accountId]);
      const found = await tx.query<ExpiredRow>(findOfAccount, [tenantId, accountId, accountBite]);
      await this.merger.merge(
        tx,
        taken.map((row) => this.ended(keyOf(row), 0, false, 'account_deleted')),
      );
      const expired = await this.expire(tx, found.map(keyOf), 'account_deleted');
      return found.length === accountBite && expired > 0;
    });
  }

  /** In the caller's transaction: expires those that are not on the wire. Returns how many. */
  async expire(
    tx: Transaction,
    keys: readonly MessageKey[],
    code: 'validity_over' | 'account_deleted',
  ): Promise<number> {
    if (keys.length === 0) return 0;
    const locked = await this.queueRows.lock(tx, keys);
    const onWire = await this.queueRows.findOnWire(tx, locked);
    const stoppable = locked.filter((row) => !onWire.has(row.messageId));
    const waiting = await this.waiting.read(tx, stoppable);
    await this.merger.merge(
      tx,
      stoppable.map((row) => ({
        ...this.ended(row, row.lastAttempt, row.maybeSent, code),
        detail: waitedDetail(waiting.get(row.messageId)),
      })),
    );
    return stoppable.length;
  }

  /** Ends what the provider can tell nothing of any more. Returns how many. */
  async closeWindows(most: number): Promise<number> {
    return this.database.transaction('hot', { role: 'worker' }, async (tx) => {
      if (!(await isAlone(tx, 'tyrian.close-windows'))) return 0;
      const found = await tx.query<ClosedRow>(findClosed, [most]);
      await this.merger.merge(
        tx,
        found.map((row) => ({
          ...keyOf(row),
          attempt: row.attempt,
          source: 'gateway',
          status: row.status === 'uncertain' ? 'uncertain' : 'unresolved',
          isFinal: true,
          at: this.clock.now(),
          eventType: 'window_closed',
          code: 'no_evidence_in_time',
        })),
      );
      return found.length;
    });
  }

  private ended(key: MessageKey, attempt: number, maybeSent: boolean, code: string): Evidence {
    return {
      tenantId: key.tenantId,
      messageId: key.messageId,
      attempt,
      source: 'gateway',
      status: maybeSent ? 'uncertain' : 'expired',
      isFinal: !maybeSent,
      at: this.clock.now(),
      eventType: 'expired',
      code,
    };
  }
}

function keyOf(row: ExpiredRow): MessageKey {
  return { tenantId: row.tenant_id, messageId: row.message_id };
}

/** One worker at a time sweeps: a second one would find the same rows, and tell of them twice. */
async function isAlone(tx: Transaction, sweep: string): Promise<boolean> {
  const [lock] = await tx.query<{ alone: boolean }>(
    'select pg_try_advisory_xact_lock(hashtext($1)) as alone',
    [sweep],
  );
  return lock?.alone === true;
}
