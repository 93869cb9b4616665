import { Injectable } from '@nestjs/common';
import {
  EvidenceMerger,
  meaningOf,
  meaningWithSms,
  type Evidence,
  type Merged,
} from '../messages/index.js';
import { Configuration } from '../platform/config/index.js';
import { Database, sqlFile } from '../platform/database/index.js';
import { secondsBack, type LookFrom, type LookOutcome } from '../platform/loops/index.js';
import { readReceiptStatus, writeReceiptStatus } from './receipt-status.js';

interface ReceiptRow {
  readonly tenant_id: string;
  readonly message_id: string;
  readonly attempt: number;
  readonly provider_status: string;
  readonly provider_message_id: string | null;
  readonly first_at: Date;
}

const takeReceipts = sqlFile(import.meta.url, './sql/take-receipts.sql');
const foldReceipts = sqlFile(import.meta.url, './sql/fold-receipts.sql');
const mostAtOnce = 1_000;
/** A message on the wire is settled within moments; its receipt is looked at again then. */
const lookAgainMs = 500;

/** Applies what callbacks appended to the messages, right behind it, reduced to the highest status of each message. */
@Injectable()
export class ReceiptFold {
  constructor(
    private readonly database: Database,
    private readonly merger: EvidenceMerger,
    private readonly configuration: Configuration,
  ) {}

  /** Folds one batch of the oldest. Returns true when there may be more. */
  async runOnce(): Promise<boolean> {
    return (await this.look('head')) === 'more';
  }

  /** Folds one batch of what is found from there on. */
  async look(from: LookFrom): Promise<LookOutcome> {
    return this.database.transaction('hot', { role: 'worker' }, async (tx) => {
      const receipts = await tx.query<ReceiptRow>(takeReceipts, [mostAtOnce, secondsBack(from)]);
      if (receipts.length === 0) return 'all';
      const merged = await this.merger.merge(
        tx,
        receipts.map((receipt) => this.evidenceOf(receipt)),
      );
      await tx.query(foldReceipts, [JSON.stringify(merged.map(verdictRow)), lookAgainMs]);
      return receipts.length === mostAtOnce ? 'more' : 'all';
    });
  }

  private evidenceOf(receipt: ReceiptRow): Evidence {
    const { status, sms } = readReceiptStatus(receipt.provider_status);
    const meaning = meaningWithSms(meaningOf(status, this.configuration.provider), sms);
    return {
      tenantId: receipt.tenant_id,
      messageId: receipt.message_id,
      attempt: receipt.attempt,
      source: 'callback',
      status: meaning.status,
      isFinal: meaning.isFinal,
      at: receipt.first_at,
      eventType: 'receipt',
      providerStatus: String(status),
      smsStatus: sms,
      providerMessageId: receipt.provider_message_id,
      code: meaning.code,
    };
  }
}

/** What waits for the end of an attempt is not folded yet; what was outranked beside it is. */
function verdictRow({ evidence, verdict }: Merged): object {
  return {
    tenant_id: evidence.tenantId,
    message_id: evidence.messageId,
    attempt: evidence.attempt,
    provider_status: writeReceiptStatus(
      Number(evidence.providerStatus),
      evidence.smsStatus ?? null,
    ),
    verdict:
      verdict === 'on_the_wire'
        ? 'deferred'
        : verdict === 'message_unknown'
          ? 'orphaned'
          : 'folded',
  };
}
