import { Injectable } from '@nestjs/common';
import { ControlPlane, Database, sqlFile } from '../platform/database/index.js';
import { AuditTrail, type Actor } from '../tenants/index.js';
import { allDefaultStopWords } from './default-stop-words.js';
import type { SuppressionCategory } from './suppression.js';

/** Which replies end the writing to whoever sends them. */
export interface StopWords {
  readonly words: readonly string[];
  /** What is stopped then. */
  readonly category: SuppressionCategory;
  /** When the tenant set its own; null where the defaults hold. */
  readonly updatedAt: Date | null;
}

interface StopWordsRow {
  readonly words: readonly string[];
  readonly category: SuppressionCategory;
  readonly updated_at: Date;
}

const readStopWords = sqlFile(import.meta.url, './sql/read-stop-words.sql');
const writeStopWords = sqlFile(import.meta.url, './sql/write-stop-words.sql');

const byDefault: StopWords = { words: allDefaultStopWords, category: 'all', updatedAt: null };

/** A tenant's stop words. */
@Injectable()
export class StopWordsService {
  constructor(
    private readonly database: Database,
    private readonly controlPlane: ControlPlane,
    private readonly audit: AuditTrail,
  ) {}

  async get(tenantId: string): Promise<StopWords> {
    const [row] = await this.database.transaction('reads', { role: 'tenant', tenantId }, (tx) =>
      tx.query<StopWordsRow>(readStopWords, [tenantId]),
    );
    return row === undefined ? byDefault : stopWordsOf(row);
  }

  /** @param wanted null: the defaults */
  set(
    tenantId: string,
    wanted: Pick<StopWords, 'words' | 'category'> | null,
    actor: Actor,
  ): Promise<StopWords> {
    return this.controlPlane.run({ role: 'tenant', tenantId }, async (manager) => {
      if (wanted === null) {
        await manager.query('delete from stop_words where tenant_id = $1', [tenantId]);
      } else {
        const { words, category } = wanted;
        await manager.query(writeStopWords.text, [tenantId, words, category]);
      }
      await this.audit.record(manager, {
        tenantId,
        actor,
        action: 'stop_words.set',
        object: { kind: 'stop_words', id: tenantId },
        after: wanted === null ? null : { words: wanted.words, category: wanted.category },
      });
      const rows = (await manager.query(readStopWords.text, [tenantId])) as StopWordsRow[];
      return rows[0] === undefined ? byDefault : stopWordsOf(rows[0]);
    });
  }
}

function stopWordsOf({ words, category, updated_at: updatedAt }: StopWordsRow): StopWords {
  return { words, category, updatedAt };
}
