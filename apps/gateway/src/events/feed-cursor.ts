import { canonicalHash } from '../platform/crypto/index.js';
import { expandId, shortenId } from '../platform/ids/index.js';
import { InvalidCursor } from '../tenants/index.js';

/** How far a feed was read. */
export interface FeedPlace {
  /** The last position that was looked at; 0 before the first. */
  readonly position: number;
  /** The event that stands there: another one means another history. null where nobody looked at one. */
  readonly eventId: string | null;
}

const version = 1;

/** It is not signed: it holds nothing that its bearer could not ask for. */
export function writeFeedCursor(tenantId: string, { position, eventId }: FeedPlace): string {
  const e = eventId === null ? null : shortenId(eventId);
  return Buffer.from(JSON.stringify([version, position, e, markOf(tenantId)])).toString(
    'base64url',
  );
}

/** @throws InvalidCursor for a cursor of another tenant, of another version, or none at all */
export function readFeedCursor(tenantId: string, cursor: string): FeedPlace {
  const [v, position, e, mark] = parse(cursor);
  const eventId = typeof e === 'string' ? expandId(e) : null;
  if (
    v !== version ||
    mark !== markOf(tenantId) ||
    !Number.isSafeInteger(position) ||
    (position as number) < 0 ||
    (e !== null && eventId === null)
  )
    throw new InvalidCursor('/after');
  return { position: position as number, eventId };
}

function markOf(tenantId: string): string {
  return canonicalHash(['feed', tenantId]).subarray(0, 6).toString('base64url');
}

function parse(cursor: string): readonly unknown[] {
  try {
    const content: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(content) ? content : [];
  } catch {
    return [];
  }
}
