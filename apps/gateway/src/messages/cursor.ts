import { canonicalHash } from '../platform/crypto/index.js';
import { expandId, shortenId } from '../platform/ids/index.js';
import { InvalidCursor } from '../tenants/index.js';

interface CursorContent {
  readonly v: number;
  /** The id below which the next page starts. */
  readonly b: string;
  /** Tells the list and its filters. */
  readonly f: string;
}

const version = 1;

/**
 * The cursor of the page that starts below an id. It is not signed: it holds nothing that its bearer could not ask for.
 * @param filters everything that decides which rows the list holds
 */
export function writeCursor(list: string, filters: object, before: string): string {
  const content: CursorContent = { v: version, b: shortenId(before), f: markOf(list, filters) };
  return Buffer.from(JSON.stringify(content)).toString('base64url');
}

/**
 * The id below which the page starts.
 * @throws InvalidCursor for a cursor of another list, of other filters, of another version, or none at all
 */
export function readCursor(list: string, filters: object, cursor: string): string {
  const content = parse(cursor);
  if (content?.v !== version || content.f !== markOf(list, filters)) throw new InvalidCursor();
  const before = typeof content.b === 'string' ? expandId(content.b) : null;
  if (before === null) throw new InvalidCursor();
  return before;
}

function markOf(list: string, filters: object): string {
  return canonicalHash([list, filters]).subarray(0, 9).toString('base64url');
}

function parse(cursor: string): Partial<CursorContent> | null {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString()) as Partial<CursorContent> | null;
  } catch {
    return null;
  }
}
