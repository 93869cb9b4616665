import { idempotencyKeyPattern } from './dto/field-rules.js';
import { InvalidIdempotencyKey } from './messages.errors.js';

/** The Idempotency-Key header of a request; null where there is none. */
export function readIdempotencyKey(header: string | string[] | undefined): string | null {
  if (header === undefined) return null;
  if (typeof header !== 'string' || !idempotencyKeyPattern.test(header))
    throw new InvalidIdempotencyKey();
  return header;
}
