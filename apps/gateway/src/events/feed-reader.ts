import { Injectable } from '@nestjs/common';
import { EventReader, type EventType, type PublicEvent, type Viewer } from '../messages/index.js';
import { Database, sqlFile } from '../platform/database/index.js';
import { CursorTooOld } from './events.errors.js';
import type { FeedPlace } from './feed-cursor.js';

export interface FeedWanted {
  /** Behind this place; null for the oldest event that is kept. */
  readonly after: FeedPlace | null;
  /** Only these; null for all. */
  readonly types: readonly EventType[] | null;
  readonly limit: number;
}

export interface FeedPage {
  /** In the order of their positions. */
  readonly events: readonly PublicEvent[];
  /** Where the next page begins. */
  readonly place: FeedPlace;
  /** Whether the feed held more at that moment. */
  readonly hasMore: boolean;
}

interface Frontier {
  readonly last_given: number;
  readonly examined: number;
  readonly first_position: number | null;
  readonly first_id: string | null;
  readonly last_position: number | null;
  readonly last_id: string | null;
}

type PageRow = Frontier & { readonly position: number | null; readonly id: string | null };

/** How many events one page looks at, whatever the filters leave of them. */
const mostExamined = 10_000;
const beginning: FeedPlace = { position: 0, eventId: null };

const pageOfFeed = sqlFile(import.meta.url, './sql/page-of-feed.sql');
const lastOfFeed = sqlFile(import.meta.url, './sql/last-of-feed.sql');

/**
 * Reads a tenant's feed under row level security. Its positions have no gap, and are given after the commits
 * (DISPATCH 17): what lies behind a position that was seen is complete.
 */
@Injectable()
export class FeedReader {
  constructor(
    private readonly database: Database,
    private readonly events: EventReader,
  ) {}

  /** @throws CursorTooOld */
  async page(viewer: Viewer, { after, types, limit }: FeedWanted): Promise<FeedPage> {
    const { tenantId, accountIds } = viewer;
    const { position } = after ?? beginning;
    // The event at the cursor comes along: it tells whether this is still the same history.
    const examined = (types === null && accountIds === null ? limit : mostExamined) + 2;
    return this.database.transaction('reads', { role: 'tenant', tenantId }, async (tx) => {
      const parameters = [tenantId, position, examined, position, types, accountIds, limit];
      const rows = await tx.query<PageRow>(pageOfFeed, parameters);
      const frontier = rows[0] as PageRow;
      if (after !== null) assertFollows(after, frontier);
      const picked = rows.filter((row) => row.position !== null);
      const keys = picked.map((row) => ({ tenantId, position: row.position as number }));
      const events = await this.events.read(tx, keys);
      // A partition was dropped between the two statements.
      if (events.length < picked.length) throw new CursorTooOld();
      const place =
        picked.length === limit
          ? placeOf(picked.at(-1))
          : (lastExamined(frontier) ?? after ?? beginning);
      return { events, place, hasMore: place.position < frontier.last_given };
    });
  }

  /** The place behind the newest event. */
  async latest(tenantId: string): Promise<FeedPlace> {
    const rows = await this.database.transaction('reads', { role: 'tenant', tenantId }, (tx) =>
      tx.query<{ position: number; id: string | null }>(lastOfFeed, [tenantId]),
    );
    return rows[0] === undefined ? beginning : placeOf(rows[0]);
  }
}

function placeOf(row: { position: number | null; id: string | null } | undefined): FeedPlace {
  return { position: row?.position ?? 0, eventId: row?.id ?? null };
}

function lastExamined({ last_position: position, last_id: eventId }: Frontier): FeedPlace | null {
  return position === null ? null : { position, eventId };
}

/** Nothing between the cursor and what was found may be missing. @throws CursorTooOld */
function assertFollows(after: FeedPlace, frontier: Frontier): void {
  const { first_position: first, last_position: last, examined } = frontier;
  if (after.position > frontier.last_given) throw new CursorTooOld();
  if (first === null || last === null) {
    if (after.position < frontier.last_given) throw new CursorTooOld();
    return;
  }
  const isOtherHistory =
    first === after.position && after.eventId !== null && after.eventId !== frontier.first_id;
  if (isOtherHistory || first > after.position + 1 || last - first + 1 !== examined)
    throw new CursorTooOld();
}
