import type { TyrianEvent, TyrianFeedPage } from './events.js';
import { operations, type Operations } from './generated/operations.js';
import type {
  BatchOutcome,
  CreateBatch,
  CreateMessage,
  EventType,
  Message,
  TimelineEvent,
} from './generated/types.js';
import { sleep, Transport, type TyrianOptions } from './transport.js';

/** What every call takes. */
export interface CallOptions {
  /** Gives up when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

export interface SendOptions extends CallOptions {
  /**
   * Your own name for this request, 1 to 255 visible ASCII characters: give the same one where your own program may run
   * again, such as the id of an order. @default a random one, which makes the client's own retries safe
   */
  readonly idempotencyKey?: string;
}

export interface WaitOptions extends CallOptions {
  /** How long to wait, in milliseconds. @default 60,000 */
  readonly timeoutMs?: number;
}

export interface FollowOptions extends CallOptions {
  /** The cursor of the last page that you dealt with; left out: from the oldest event that is kept. `latest`: from now on. */
  readonly after?: string | null | undefined;
  /** Only these. @default all */
  readonly types?: readonly EventType[];
  /** Most events of a page, 1 to 500. @default 100 */
  readonly limit?: number;
}

/** The message was not final in time; it may still become so. */
export class WaitTimeout extends Error {
  constructor(
    /** As it was read last. */
    readonly lastSeen: Message,
    timeoutMs: number,
  ) {
    super(`${lastSeen.id} is ${lastSeen.status} after ${timeoutMs} ms`);
    this.name = 'WaitTimeout';
  }
}

type Given<Part> = Part extends undefined
  ? { body?: undefined }
  : undefined extends Part
    ? { body?: Part }
    : { body: Part };
type PathOf<O extends keyof Operations> = keyof Operations[O]['path'] extends never
  ? object
  : { path: Operations[O]['path'] };

/** What an operation takes. */
type Arguments<O extends keyof Operations> = PathOf<O> &
  Given<Operations[O]['body']> & { query?: Operations[O]['query'] } & SendOptions;

/** Operations that list something page by page. */
type Listing = {
  [O in keyof Operations]: Operations[O] extends {
    query: { cursor?: string };
    answer: { data: readonly unknown[]; next_cursor: string | null };
  }
    ? O
    : never;
}[keyof Operations];

type Listed<O extends Listing> = Operations[O]['answer']['data'][number];

const longestWaitSeconds = 25;
/** A gateway on its way out does not wait. */
const leastWaitMs = 1_000;
const firstLookMs = 250;
const longestLookMs = 5_000;

/** The gateway, for one API key. Every request is repeated where that is safe; errors are those of `ApiError`. */
export class Tyrian {
  private readonly transport: Transport;

  constructor(options: TyrianOptions) {
    this.transport = new Transport(options);
  }

  /** Sends a message. It is stored when this resolves, and sent once, however often the request had to be made. */
  send(message: CreateMessage, options: SendOptions = {}): Promise<Message> {
    return this.call('sendMessage', { ...options, body: message });
  }

  /** Sends up to 1,000 messages; each is accepted or refused by itself, in the order of `results`. */
  sendBatch(batch: CreateBatch, options: SendOptions = {}): Promise<BatchOutcome> {
    return this.call('sendBatch', { ...options, body: batch });
  }

  get(messageId: string, options: CallOptions = {}): Promise<Message> {
    return this.call('getMessage', { ...options, path: { id: messageId } });
  }

  cancel(messageId: string, options: CallOptions = {}): Promise<Message> {
    return this.call('cancelMessage', { ...options, path: { id: messageId } });
  }

  /** What happened to a message, oldest first. */
  async timeline(messageId: string, options: CallOptions = {}): Promise<TimelineEvent[]> {
    const { data } = await this.call('getMessageTimeline', { ...options, path: { id: messageId } });
    return data;
  }

  /**
   * Reads a message until its status is final. For one or a few messages: many are followed by `follow` or webhooks.
   * @throws WaitTimeout
   */
  async waitForFinal(
    messageId: string,
    { timeoutMs = 60_000, signal }: WaitOptions = {},
  ): Promise<Message> {
    const endsAt = Date.now() + timeoutMs;
    for (let pauseMs = firstLookMs; ; pauseMs = Math.min(longestLookMs, pauseMs * 1.5)) {
      const message = await this.get(messageId, { signal });
      if (message.is_final) return message;
      const leftMs = endsAt - Date.now();
      if (leftMs <= 0) throw new WaitTimeout(message, timeoutMs);
      await sleep(Math.min(pauseMs, leftMs), signal);
    }
  }

  /** Everything that a list holds, page after page: `for await (const message of tyrian.list('listMessages', { status: ['queued'] }))`. */
  async *list<O extends Listing>(
    operation: O,
    query: Operations[O]['query'] = {},
    options: CallOptions = {},
  ): AsyncGenerator<Listed<O>, void, undefined> {
    let cursor: string | null | undefined;
    do {
      const page = await this.request<{ data: Listed<O>[]; next_cursor: string | null }>(
        operation,
        {
          ...options,
          query: { ...query, ...(cursor == null ? {} : { cursor }) },
        },
      );
      yield* page.data;
      cursor = page.next_cursor;
    } while (cursor !== null);
  }

  /**
   * Follows everything that happens, in order, without an end. The next page is asked for when you come back for it: keep the
   * cursor of a page once you have dealt with its events, and none is missed, whatever happens to your program.
   * @throws CursorTooOld
   */
  async *follow({ after, types, limit, signal }: FollowOptions = {}): AsyncGenerator<
    TyrianFeedPage,
    void,
    undefined
  > {
    let cursor = after ?? undefined;
    for (;;) {
      signal?.throwIfAborted();
      const askedAt = Date.now();
      const page: Operations['listEvents']['answer'] = await this.request('listEvents', {
        query: {
          wait_seconds: longestWaitSeconds,
          ...(cursor === undefined ? {} : { after: cursor }),
          ...(types ? { types } : {}),
          ...(limit === undefined ? {} : { limit }),
        },
        signal,
        waitsMs: longestWaitSeconds * 1_000,
      });
      const hasMoved = page.next_cursor !== cursor;
      cursor = page.next_cursor;
      if (page.data.length > 0 || hasMoved)
        yield { events: page.data as unknown as (TyrianEvent & { id: string })[], cursor };
      else if (Date.now() - askedAt < leastWaitMs) await sleep(leastWaitMs, signal);
    }
  }

  /** Any operation of the API document, by its name. */
  call<O extends keyof Operations>(
    operation: O,
    given: Arguments<O>,
  ): Promise<Operations[O]['answer']> {
    return this.request(operation, given);
  }

  private request<Answer>(
    operation: keyof Operations,
    given: {
      path?: object;
      query?: object;
      body?: unknown;
      idempotencyKey?: string;
      signal?: AbortSignal | undefined;
      waitsMs?: number;
    },
  ): Promise<Answer> {
    const { method, path, takesKey, isRepeatable } = operations[operation];
    return this.transport.send<Answer>({
      method,
      path: fill(path, given.path) + queryOf(given.query),
      body: given.body,
      idempotencyKey: takesKey ? (given.idempotencyKey ?? crypto.randomUUID()) : undefined,
      isRepeatable,
      signal: given.signal,
      waitsMs: given.waitsMs ?? 0,
    });
  }
}

function fill(path: string, values: object = {}): string {
  const given = values as Record<string, string | number>;
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(given[name])),
  );
}

function queryOf(query: object = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null) continue;
    search.set(name, Array.isArray(value) ? value.join(',') : String(value));
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}
