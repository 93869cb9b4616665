import { Injectable } from '@nestjs/common';
import { Database, LaneSignals, sqlFile } from '../platform/database/index.js';
import { Ids } from '../platform/ids/index.js';
import { LaneQueue } from '../queue/index.js';

const noteDue = sqlFile(import.meta.url, './sql/note-due.sql');
const hintFromHead = sqlFile(import.meta.url, './sql/hint-from-head.sql');
const wakeLanes = sqlFile(import.meta.url, './sql/wake-lanes.sql');

/** Moves scheduled messages to the queue when their time has come. */
@Injectable()
export class ScheduledPromoter {
  constructor(
    private readonly database: Database,
    private readonly queue: LaneQueue,
    private readonly signals: LaneSignals,
    private readonly ids: Ids,
  ) {}

  /** Returns how many moved. */
  async promote(most: number): Promise<number> {
    const due = await this.database.transaction('hot', { role: 'worker' }, async (tx) => {
      const rows = await this.queue.promoteScheduled(tx, most);
      if (rows.length === 0) return rows;
      const tenants = rows.map((row) => row.tenant_id);
      const accounts = rows.map((row) => row.account_id);
      await tx.query(noteDue, [
        tenants,
        rows.map((row) => row.message_id),
        accounts,
        rows.map(() => this.ids.next()),
      ]);
      await tx.query(wakeLanes, [tenants, accounts]);
      const late = lateAccounts(rows);
      if (late.size > 0) await tx.query(hintFromHead, [[...late]]);
      return rows;
    });
    const late = lateAccounts(due);
    for (const accountId of new Set(due.map((row) => row.account_id)))
      this.signals.announce(accountId, { isFromHead: late.has(accountId) });
    return due.length;
  }
}

function lateAccounts(rows: readonly { account_id: string; late: boolean }[]): Set<string> {
  return new Set(rows.filter((row) => row.late).map((row) => row.account_id));
}
