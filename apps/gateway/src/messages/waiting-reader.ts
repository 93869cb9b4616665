import { Injectable } from '@nestjs/common';
import { sqlFile, type Transaction } from '../platform/database/index.js';
import type { MessageKey } from '../queue/index.js';

const readWaiting = sqlFile(import.meta.url, './sql/read-waiting.sql');

interface WaitingRow {
  readonly message_id: string;
  readonly reason: string;
  readonly since: Date;
  readonly now: Date;
}

/** What a queued message waits for. */
export interface Waiting {
  readonly reason: string;
  readonly since: Date;
  /** When this was so. */
  readonly at: Date;
}

/** Tells why messages have not gone out: from pauses, the state of their key and what their lane reports. */
@Injectable()
export class WaitingReader {
  /** By message id; of those that are queued at this moment. */
  async read(tx: Transaction, keys: readonly MessageKey[]): Promise<ReadonlyMap<string, Waiting>> {
    if (keys.length === 0) return new Map();
    const rows = await tx.query<WaitingRow>(readWaiting, [
      keys.map(({ tenantId }) => tenantId),
      keys.map(({ messageId }) => messageId),
    ]);
    return new Map(
      rows.map((row) => [row.message_id, { reason: row.reason, since: row.since, at: row.now }]),
    );
  }
}

/** As an event's detail tells it, in the form of that of an attempt. */
export function waitedDetail(waiting: Waiting | undefined): Record<string, unknown> {
  if (waiting === undefined) return {};
  const ms = Math.max(0, waiting.at.getTime() - waiting.since.getTime());
  return { waited: [{ reason: waiting.reason, ms }] };
}
