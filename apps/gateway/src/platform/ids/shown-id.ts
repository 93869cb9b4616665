import { fromUUID, toUUID } from 'typeid-js';

/** The prefixes of ids as the API shows them (TypeID: `msg_01h455vb4pex5vsknk084sn02q`). */
export type IdPrefix =
  | 'ten'
  | 'key'
  | 'acc'
  | 'con'
  | 'msg'
  | 'evt'
  | 'inb'
  | 'aud'
  | 'wrk'
  | 'drf'
  | 'cnv'
  | 'sup'
  | 'whe';

const suffix = /^[0-7][0-9abcdefghjkmnpqrstvwxyz]{25}$/;

/** The id as the API shows it. */
export function showId(prefix: IdPrefix, uuid: string): string {
  return fromUUID(uuid, prefix);
}

/** The UUID of a shown id; null where the text is not an id of that kind. */
export function readId(prefix: IdPrefix, text: string): string | null {
  if (!text.startsWith(`${prefix}_`) || !suffix.test(text.slice(prefix.length + 1))) return null;
  return toUUID(text as never);
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** 22 characters of base64url: the short form that stands in callback URLs. */
export function shortenId(id: string): string {
  return Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url');
}

/** The UUID of a short form; null where it is none. */
export function expandId(short: string): string | null {
  if (!/^[\w-]{22}$/.test(short)) return null;
  const hex = Buffer.from(short, 'base64url').toString('hex');
  const id = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  return uuid.test(id) && shortenId(id) === short ? id : null;
}
