import { InvalidRequest } from '../platform/errors/index.js';
import { expandId, shortenId } from '../platform/ids/index.js';

export interface PageRequest {
  readonly limit: number;
  /** UUID of the last row of the page before; null for the first page. */
  readonly after: string | null;
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** null on the last page. */
  readonly nextCursor: string | null;
}

/** Cuts what was read with `limit + 1` to one page. */
export function pageOf<Row extends { readonly id: string }>(
  rows: readonly Row[],
  limit: number,
): Page<Row> {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { rows: page, nextCursor: more ? shortenId(last.id) : null };
}

/** @throws InvalidRequest for a cursor that no list has given */
export function readPageRequest(query: {
  readonly limit: number;
  readonly cursor?: string;
}): PageRequest {
  if (query.cursor === undefined) return { limit: query.limit, after: null };
  const after = expandId(query.cursor);
  if (after === null) {
    const detail = 'cursor must be a next_cursor that this list has given.';
    throw new InvalidRequest([{ pointer: '/cursor', code: 'invalid_cursor', detail }]);
  }
  return { limit: query.limit, after };
}
