import { Injectable } from '@nestjs/common';
import { sqlFile, type Transaction } from '../platform/database/index.js';
import { Ids } from '../platform/ids/index.js';
import { allDefaultStopWords } from './default-stop-words.js';
import { stopWordIn } from './stop-word.js';
import type { SuppressionCategory } from './suppression.js';

/** What a recipient wrote to a tenant. */
export interface RecipientsWord {
  readonly tenantId: string;
  readonly recipient: string;
  readonly text: string | null;
  readonly inboundMessageId: string;
}

interface StopWordsRow {
  readonly words: readonly string[];
  readonly category: SuppressionCategory;
}

const readStopWords = sqlFile(import.meta.url, './sql/read-stop-words.sql');
const enterSuppressions = sqlFile(import.meta.url, './sql/enter-suppressions.sql');

/** Listens for stop words. */
@Injectable()
export class OptOuts {
  constructor(private readonly ids: Ids) {}

  /** Enters the recipient where the reply is one of the tenant's stop words, in the transaction that stores the reply. */
  async hear(tx: Transaction, said: RecipientsWord): Promise<void> {
    const [own] = await tx.query<StopWordsRow>(readStopWords, [said.tenantId]);
    const word = stopWordIn(said.text, own?.words ?? allDefaultStopWords);
    if (word === null) return;
    const row = {
      tenant_id: said.tenantId,
      id: this.ids.next(),
      recipient: said.recipient,
      category: own?.category ?? 'all',
      reason: word,
      inbound_message_id: said.inboundMessageId,
    };
    await tx.query(enterSuppressions, [JSON.stringify([row]), 'stop_word']);
  }
}
