import { Injectable } from '@nestjs/common';
import type { Viewer } from '../messages/index.js';
import { Deadline } from '../platform/deadline/index.js';
import { FeedReader, type FeedPage, type FeedWanted } from './feed-reader.js';
import type { FeedPlace } from './feed-cursor.js';
import { FeedWatch } from './feed-watch.js';

/** Behind a wait a reading has the time that any other request has. */
const readingMs = 2_600;

export interface Patience {
  /** How long to wait for an event where there is none yet. */
  readonly waitMs: number;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** A tenant's events in order, those that are there or the next ones. */
@Injectable()
export class Feed {
  constructor(
    private readonly reader: FeedReader,
    private readonly watch: FeedWatch,
  ) {}

  /** @throws CursorTooOld, TooManyWaiting */
  async read(viewer: Viewer, wanted: FeedWanted, { waitMs, signal }: Patience): Promise<FeedPage> {
    const endsAt = performance.now() + waitMs;
    let page = await this.page(viewer, wanted);
    while (page.events.length === 0 && !page.hasMore) {
      const leftMs = endsAt - performance.now();
      if (leftMs <= 0) break;
      const { position } = page.place;
      if (!(await this.watch.moved(viewer.tenantId, position, leftMs, signal))) break;
      page = await this.page(viewer, { ...wanted, after: page.place });
    }
    return page;
  }

  latest(tenantId: string): Promise<FeedPlace> {
    return inTime(() => this.reader.latest(tenantId));
  }

  private page(viewer: Viewer, wanted: FeedWanted): Promise<FeedPage> {
    return inTime(() => this.reader.page(viewer, wanted));
  }
}

async function inTime<T>(reading: () => Promise<T>): Promise<T> {
  const deadline = Deadline.in(readingMs);
  try {
    return await deadline.around(reading);
  } finally {
    deadline.lift();
  }
}
