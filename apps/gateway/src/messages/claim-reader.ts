import { Injectable } from '@nestjs/common';
import { Database, sqlFile, type Transaction } from '../platform/database/index.js';
import { AccountUnknown } from '../tenants/index.js';
import { IdempotencyKeyReused } from './acceptance.errors.js';
import { keyPointerOf } from './idempotency-key.js';
import type { IdempotencyClaim } from './new-message.js';

interface ClaimRow {
  readonly tenant_id: string;
  readonly key: string;
  readonly body_hash: Buffer;
  readonly message_id: string;
  readonly results: unknown;
  readonly account_id: string | null;
}

/** A claim with who makes it. */
export interface AskedClaim {
  readonly tenantId: string;
  /** The accounts that the caller may use; null for all. */
  readonly accountIds: readonly string[] | null;
  readonly claim: IdempotencyClaim;
}

/** What a claim made before: a message, or a batch with its stored results. */
export type StandingClaim =
  | { readonly messageId: string; readonly results: null }
  | { readonly messageId: null; readonly results: unknown };

/** Why what stands under a key is not the caller's to hear of. */
export type ClaimRefusal = IdempotencyKeyReused | AccountUnknown;

/** What stands under idempotency keys. */
export class ReadClaims {
  private readonly rows: ReadonlyMap<string, ClaimRow>;

  constructor(rows: readonly ClaimRow[]) {
    this.rows = new Map(rows.map((row) => [`${row.tenant_id} ${row.key}`, row]));
  }

  /**
   * What the claim made before; null where nothing stands under its key. A message on an account that the caller may
   * not use is answered for as if the account did not exist, which is what sending it would be told.
   */
  madeBy({ tenantId, accountIds, claim }: AskedClaim): StandingClaim | ClaimRefusal | null {
    const row = this.rows.get(`${tenantId} ${claim.key}`);
    if (!row) return null;
    if (!row.body_hash.equals(claim.bodyHash)) return new IdempotencyKeyReused(keyPointerOf(claim));
    if (row.results !== null) return { messageId: null, results: row.results };
    const isVisible = accountIds === null || accountIds.includes(row.account_id ?? '');
    if (!isVisible) return new AccountUnknown(`${claim.at}/account_id`);
    return { messageId: row.message_id, results: null };
  }

  /** The message that the claim made before; a batch under its key is another body. */
  messageOf(asked: AskedClaim): string | ClaimRefusal | null {
    const made = this.madeBy(asked);
    if (made === null || made instanceof Error) return made;
    return made.messageId ?? new IdempotencyKeyReused(keyPointerOf(asked.claim));
  }
}

const readClaims = sqlFile(import.meta.url, './sql/read-claims.sql');

/** Looks up what stands under idempotency keys. */
@Injectable()
export class ClaimReader {
  constructor(private readonly database: Database) {}

  /** Where no message can be accepted under them: refused drafts and replays of batches. */
  async read(tenantId: string, claims: readonly IdempotencyClaim[]): Promise<ReadClaims> {
    if (claims.length === 0) return new ReadClaims([]);
    const asked = claims.map((claim) => ({ tenantId, claim }));
    return this.database.transaction('reads', { role: 'tenant', tenantId }, (tx) =>
      this.readIn(tx, asked),
    );
  }

  /** In the caller's transaction. */
  async readIn(
    tx: Transaction,
    asked: readonly Pick<AskedClaim, 'tenantId' | 'claim'>[],
  ): Promise<ReadClaims> {
    if (asked.length === 0) return new ReadClaims([]);
    const tenantIds = asked.map(({ tenantId }) => tenantId);
    const keys = asked.map(({ claim }) => claim.key);
    return new ReadClaims(await tx.query<ClaimRow>(readClaims, [tenantIds, keys]));
  }
}
