import { Injectable } from '@nestjs/common';
import { Database, DatabaseMetrics, GroupCommit, sqlFile } from '../platform/database/index.js';

/** A status callback, identified by its URL: the message and the attempt that it speaks of. */
export interface Receipt {
  readonly tenantId: string;
  readonly accountId: string;
  readonly messageId: string;
  readonly attempt: number;
  /** As the provider gave it, with that of the SMS behind it: see `writeReceiptStatus`. */
  readonly providerStatus: string;
  readonly providerMessageId: string | null;
}

const appendReceipts = sqlFile(import.meta.url, './sql/append-receipts.sql');

/** Appends callbacks, many in one commit; the provider hears 200 only after it. */
@Injectable()
export class ReceiptAppender {
  private readonly commit: GroupCommit<Receipt, void>;

  constructor(
    private readonly database: Database,
    metrics: DatabaseMetrics,
  ) {
    this.commit = new GroupCommit((receipts) => this.flush(receipts), {
      maxRows: 1_000,
      maxWaitingRows: 20_000,
      rowsOf: () => 1,
      observe: metrics.observerOf('receipts'),
      givesUp: true,
      patienceMs: 2_800,
    });
  }

  /** @throws QueueFull, NotWritten, StillInFlight or the driver's error: the provider must hear 503 and come again */
  append(receipt: Receipt): Promise<void> {
    return this.commit.submit(receipt);
  }

  private async flush(receipts: Receipt[]): Promise<void[]> {
    const rows = [...merged(receipts).values()];
    await this.database.transaction(
      'callbacks',
      { role: 'ingest', statementTimeoutMs: 2_000 },
      (tx) => tx.query(appendReceipts, [JSON.stringify(rows)]),
    );
    return receipts.map(() => undefined);
  }
}

interface Row {
  readonly tenant_id: string;
  readonly message_id: string;
  readonly attempt: number;
  readonly provider_status: string;
  readonly account_id: string;
  provider_message_id: string | null;
  times: number;
}

/** One statement names a row once: doubles within a flush are counted here. */
function merged(receipts: readonly Receipt[]): Map<string, Row> {
  const rows = new Map<string, Row>();
  for (const receipt of receipts) {
    const key = `${receipt.messageId}/${receipt.attempt}/${receipt.providerStatus}`;
    const row = rows.get(key);
    if (row) {
      row.times += 1;
      row.provider_message_id ??= receipt.providerMessageId;
    } else {
      rows.set(key, {
        tenant_id: receipt.tenantId,
        message_id: receipt.messageId,
        attempt: receipt.attempt,
        provider_status: receipt.providerStatus,
        account_id: receipt.accountId,
        provider_message_id: receipt.providerMessageId,
        times: 1,
      });
    }
  }
  return rows;
}
