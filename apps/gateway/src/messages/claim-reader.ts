import { Injectable } from '@nestjs/common';
import { Database, sqlFile } from '../platform/database/index.js';
import { IdempotencyKeyReused } from './acceptance.errors.js';
import type { IdempotencyClaim } from './new-message.js';

interface ClaimRow {
  readonly key: string;
  readonly body_hash: Buffer;
  readonly message_id: string;
  readonly is_batch: boolean;
}

/** What stands under idempotency keys: the message that a claim made before, or that it made another. */
export class ReadClaims {
  constructor(private readonly rows: ReadonlyMap<string, ClaimRow>) {}

  /**
   * The message that the claim made before; null where nothing stands under its key.
   * @throws IdempotencyKeyReused where the key came with another body
   */
  messageOf(claim: IdempotencyClaim): string | null {
    const row = this.rows.get(claim.key);
    if (!row) return null;
    if (row.is_batch || !row.body_hash.equals(claim.bodyHash)) throw new IdempotencyKeyReused();
    return row.message_id;
  }
}

const readClaims = sqlFile(import.meta.url, './sql/read-claims.sql');

/** Looks idempotency keys up where no message can be accepted under them: refused drafts and replays of batches. */
@Injectable()
export class ClaimReader {
  constructor(private readonly database: Database) {}

  async read(tenantId: string, claims: readonly IdempotencyClaim[]): Promise<ReadClaims> {
    if (claims.length === 0) return new ReadClaims(new Map());
    const rows = await this.database.transaction('reads', { role: 'tenant', tenantId }, (tx) =>
      tx.query<ClaimRow>(readClaims, [tenantId, claims.map(({ key }) => key)]),
    );
    return new ReadClaims(new Map(rows.map((row) => [row.key, row])));
  }
}
