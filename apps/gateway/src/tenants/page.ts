import { AppError, defineProblem } from '../platform/errors/index.js';
import { expandId, shortenId } from '../platform/ids/index.js';

export class InvalidCursor extends AppError {
  static readonly problem = defineProblem({
    code: 'invalid_cursor',
    status: 400,
    title: 'Invalid cursor',
    meaning: 'The cursor is none that this list gave for these filters.',
    action: 'Give `next_cursor` as it came, with the same filters; or start from the first page.',
  });

  constructor(pointer = '/cursor') {
    super(InvalidCursor.problem, {
      pointer,
      detail: 'The cursor is none that this list gave for these filters.',
    });
  }
}

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

/** @throws InvalidCursor */
export function readPageRequest(query: {
  readonly limit: number;
  readonly cursor?: string;
}): PageRequest {
  if (query.cursor === undefined) return { limit: query.limit, after: null };
  const after = expandId(query.cursor);
  if (after === null) throw new InvalidCursor();
  return { limit: query.limit, after };
}
