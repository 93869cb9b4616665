import { EventDto } from '../../messages/index.js';

/** An entry of the feed: what a webhook delivers, and its id. */
export class FeedEventDto extends EventDto {
  /**
   * The event's id. A webhook of the same event carries it as `webhook-id`.
   * @example 'evt_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  id!: string;
}

/** A piece of the feed. */
export class EventPageDto {
  /** The events, oldest first. */
  data!: FeedEventDto[];

  /**
   * Give it as `after` for what comes next: keep it once you have dealt with the events. Never null; without events it may
   * differ from the one that was given.
   * @example 'WzEsNDIsIkFaMmZQM3NPY0hlS1g1Q21lOFkya0EiLCJ4SjNxbUE4WiJd'
   */
  next_cursor!: string;

  /**
   * Whether the feed held more at that moment. An answer examines a bounded number of events, so that with `types` it may be
   * empty and still have more behind it.
   * @example false
   */
  has_more!: boolean;
}
