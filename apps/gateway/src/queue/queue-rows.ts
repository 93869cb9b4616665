import { Injectable } from '@nestjs/common';
import { sqlFile, type Transaction } from '../platform/database/index.js';

export interface MessageKey {
  readonly tenantId: string;
  readonly messageId: string;
}

export interface LockedQueueRow extends MessageKey {
  readonly accountId: string;
  /** The attempt that comes next, or that is on the wire. */
  readonly attempt: number;
  /** The last attempt that may have been made; 0 for none. */
  readonly lastAttempt: number;
  /** It came with restored data, or an earlier attempt had an unknown outcome: neither cancelled nor expired may follow. */
  readonly maybeSent: boolean;
}

interface LockedRow {
  readonly tenant_id: string;
  readonly message_id: string;
  readonly account_id: string;
  readonly attempt: number;
  readonly maybe_sent: boolean;
  readonly restored: boolean;
}

const lockQueueRows = sqlFile(import.meta.url, './sql/lock-queue-rows.sql');
const findOnWire = sqlFile(import.meta.url, './sql/find-on-wire.sql');

/** Rule 9: whoever stops a message locks its queue row first, and then looks at the open intents. */
@Injectable()
export class QueueRows {
  /** Locks those that exist, in their order. */
  async lock(tx: Transaction, keys: readonly MessageKey[]): Promise<LockedQueueRow[]> {
    const rows = await tx.query<LockedRow>(lockQueueRows, columns(keys));
    return rows.map((row) => ({
      tenantId: row.tenant_id,
      messageId: row.message_id,
      accountId: row.account_id,
      attempt: row.attempt,
      lastAttempt: row.restored ? row.attempt : row.attempt - 1,
      maybeSent: row.maybe_sent || row.restored,
    }));
  }

  /** The ids that stand in an open intent: a statement of its own, younger than the locks. */
  async findOnWire(tx: Transaction, keys: readonly MessageKey[]): Promise<Set<string>> {
    const rows = await tx.query<{ message_id: string }>(findOnWire, columns(keys));
    return new Set(rows.map((row) => row.message_id));
  }
}

function columns(keys: readonly MessageKey[]): [string[], string[]] {
  return [keys.map((key) => key.tenantId), keys.map((key) => key.messageId)];
}
