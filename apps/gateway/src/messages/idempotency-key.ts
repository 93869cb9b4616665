import { canonicalHash } from '../platform/crypto/index.js';
import { idempotencyKeyPattern } from './dto/field-rules.js';
import { InvalidIdempotencyKey } from './messages.errors.js';
import type { IdempotencyClaim } from './new-message.js';

/** The Idempotency-Key header of a request; null where there is none. */
export function readIdempotencyKey(header: string | string[] | undefined): string | null {
  if (header === undefined) return null;
  if (typeof header !== 'string' || !idempotencyKeyPattern.test(header))
    throw new InvalidIdempotencyKey();
  return header;
}

/** What a whole request claims; null where it came without a key. */
export function claimOfRequest(key: string | null, body: unknown): IdempotencyClaim | null {
  return key === null ? null : { key, bodyHash: canonicalHash(body), at: '' };
}

/** Where the key of a claim stood: in the header, or in a message of a batch. */
export function keyPointerOf({ at }: Pick<IdempotencyClaim, 'at'>): string {
  return at === '' ? '/Idempotency-Key' : `${at}/idempotency_key`;
}
