/** What the text of a message of a run says: which run, and its number in it. Numbers count from 0 without gaps. */
export function textOf(run: string, n: number): string {
  return `${run}#${n}`;
}

/** null for a text that no client of this run wrote. */
export function numberOf(run: string, text: unknown): number | null {
  if (typeof text !== 'string' || !text.startsWith(`${run}#`)) return null;
  const digits = text.slice(run.length + 1);
  return /^\d{1,8}$/.test(digits) ? Number(digits) : null;
}

export type DeliveryMode = 'at_most_once' | 'at_least_once';

/** A line of the clients' log. Times are milliseconds since 1970. */
export type ClientEntry =
  /** Written before the request goes out. */
  | {
      readonly kind: 'attempt';
      readonly n: number;
      readonly at: number;
      readonly mode: DeliveryMode;
    }
  /** What came of it: the answer's status, or 0 and why there was none. */
  | {
      readonly kind: 'told';
      readonly n: number;
      readonly at: number;
      readonly status: number;
      /** The id of the message, as a UUID, where one was told. */
      readonly id?: string;
      readonly error?: string;
      readonly ms?: number;
    }
  /** A final status that a client read. */
  | { readonly kind: 'seen'; readonly n: number; readonly at: number; readonly status: string };

/** What the judge needs of a line of the provider's journal; the sandbox writes more. */
export interface ProviderEntry {
  readonly at: string;
  readonly kind: string;
  readonly decision: string;
  /** How it was answered, by the sandbox's own word. */
  readonly answer?: string;
  readonly message_id?: string;
  /** The provider's own number of the status that the message ends with. */
  readonly ends_as?: number;
  readonly ends_at?: string;
  readonly body?: unknown;
}

/** Where the database keeps a message at quiescence: its final status, or the place where it waits. */
export type Place =
  | 'nowhere'
  | 'scheduled'
  | 'queued'
  | 'sent'
  | 'pending'
  | 'uncertain'
  | 'delivered'
  | 'undelivered'
  | 'rejected'
  | 'failed'
  | 'expired'
  | 'cancelled'
  | 'unresolved';

export interface StoredMessage {
  readonly id: string;
  readonly text: string | null;
  readonly place: Place;
  /** Shown as `possible_duplicate`. */
  readonly marked: boolean;
  /** The statuses that its timeline says were applied, in their order. */
  readonly history: readonly string[];
}

/** What the harness did, with what may have been on the wire of those that it did it to. */
export interface Act {
  readonly at: number;
  readonly act: string;
  readonly target: string;
  /** The messages, as UUIDs, of the open intents: from now on nobody may know their fate. */
  readonly openIds: readonly string[];
}

/** A final status that a webhook endpoint heard of, signed as it should be. */
export interface HeardFinal {
  readonly at: number;
  readonly text: string;
  readonly status: string;
}

export type Source<T> = AsyncIterable<T> | Iterable<T>;

export interface Histories {
  /** The run's own word, with which all its texts begin. */
  readonly run: string;
  readonly clients: Source<ClientEntry>;
  readonly provider: Source<ProviderEntry>;
  readonly database: Source<StoredMessage>;
  readonly acts: Source<Act>;
  /** null where no endpoint listened. */
  readonly heard: Source<HeardFinal> | null;
  /** When the database was read, in milliseconds since 1970: what the provider knew by then counts. */
  readonly judgedAt: number;
}
