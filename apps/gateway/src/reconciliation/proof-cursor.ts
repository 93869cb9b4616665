import { InvalidCursor } from '../tenants/index.js';
import { expandId, shortenId } from '../platform/ids/index.js';

/** A row's place in a list of days; the next page starts behind it. */
export interface ProofPlace {
  readonly isFailed: boolean;
  /** Such as 2026-03-01. */
  readonly day: string;
  readonly tenantId: string;
}

export function writeProofCursor({ isFailed, day, tenantId }: ProofPlace): string {
  return `${isFailed ? 'f' : 'n'}${day.replaceAll('-', '')}${shortenId(tenantId)}`;
}

/** @throws InvalidCursor for a cursor that no list of days has given */
export function readProofCursor(cursor: string): ProofPlace {
  const [, kind, year, month, date, id] =
    /^([fn])(\d{4})(\d{2})(\d{2})([\w-]{22})$/.exec(cursor) ?? [];
  const tenantId = expandId(id ?? '');
  const day = `${year}-${month}-${date}`;
  if (tenantId === null || !isDay(day)) throw new InvalidCursor();
  return { isFailed: kind === 'f', day, tenantId };
}

/** Whether a text is a day of the calendar. */
export function isDay(text: string): boolean {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}
