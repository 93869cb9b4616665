import { highestId, lowestId, smallestIdAt } from './id-time.js';

/** On whose behalf messages are read. */
export interface Viewer {
  readonly tenantId: string;
  /** The accounts whose messages may be seen; null for all of the tenant's. */
  readonly accountIds: readonly string[] | null;
}

/** The accounts that a list is narrowed to; null for all. */
export function visibleAccounts(
  viewer: Viewer,
  accountId: string | null,
): readonly string[] | null {
  if (accountId === null) return viewer.accountIds;
  return viewer.accountIds === null || viewer.accountIds.includes(accountId) ? [accountId] : [];
}

/**
 * The ids of a page: below the first, from the second on.
 * @param before the id below which the page starts; null for the first page
 */
export function idBounds(
  afterMs: number | null,
  beforeMs: number | null,
  before: string | null,
): [string, string] {
  const end = beforeMs === null ? highestId : smallestIdAt(beforeMs);
  return [
    before !== null && before < end ? before : end,
    afterMs === null ? lowestId : smallestIdAt(afterMs),
  ];
}

/** A row of a page that examined a bounded number of rows; its id is null where the page is empty. */
export type FrontierRow<Row extends { readonly id: string }> = {
  readonly examined: number;
  readonly last_examined_id: string | null;
} & (Row | { readonly id: null });

/**
 * Cuts a page, and tells below which id the next one starts; null at the end.
 * @param rows one more than the page takes, where there are as many
 * @param mostExamined how many rows could be looked at
 */
export function pageFrom<Row extends { readonly id: string }>(
  rows: readonly FrontierRow<Row>[],
  limit: number,
  mostExamined: number,
): { rows: Row[]; nextBefore: string | null } {
  const found = rows.filter((row): row is FrontierRow<Row> & Row => row.id !== null);
  const page = found.slice(0, limit);
  if (found.length > limit) return { rows: page, nextBefore: page.at(-1)!.id };
  const [first] = rows;
  const looksFurther = first !== undefined && first.examined === mostExamined;
  return { rows: page, nextBefore: looksFurther ? first.last_examined_id : null };
}
