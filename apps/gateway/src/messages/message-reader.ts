import { Injectable } from '@nestjs/common';
import {
  Database,
  sqlFile,
  type SqlStatement,
  type Transaction,
} from '../platform/database/index.js';
import { NotFound } from '../platform/errors/index.js';
import { messageOf, type MessageRow } from './message-row.js';
import { listMessages, readMessages, type ListSource } from './message-statements.js';
import type { Message } from './message.js';
import {
  idBounds,
  pageFrom,
  visibleAccounts,
  type FrontierRow,
  type Viewer,
} from './page-frontier.js';
import type { NewMessage } from './new-message.js';
import type { MessageStatus } from './transitions.js';
import { WaitingReader, type Waiting } from './waiting-reader.js';

/** What a list is narrowed to; null narrows nothing. */
export interface MessageFilters {
  readonly statuses: readonly MessageStatus[] | null;
  /** Digits. */
  readonly recipient: string | null;
  readonly accountId: string | null;
  readonly sender: string | null;
  readonly category: string | null;
  readonly clientReference: string | null;
  readonly providerMessageId: string | null;
  /** Accepted at this time or later, in milliseconds since the epoch. */
  readonly createdAfterMs: number | null;
  /** Accepted before this time. */
  readonly createdBeforeMs: number | null;
}

export interface PageWanted {
  readonly limit: number;
  /** The id below which the page starts; null for the first page. */
  readonly before: string | null;
  /** How many rows the page looks at, whatever the filters leave of them. @default 10,000 */
  readonly mostExamined?: number;
}

export interface MessagePage {
  /** Newest first. */
  readonly messages: readonly Message[];
  /** The id below which the next page starts; null at the end. */
  readonly nextBefore: string | null;
}

/** One thing that was recorded about a message. */
export interface RecordedEvent {
  readonly id: string;
  readonly at: Date;
  readonly type: string;
  readonly status: string | null;
  readonly attempt: number | null;
  readonly applied: boolean | null;
  readonly detail: Record<string, unknown> | null;
}

/** What a message came through, and what it waits for. */
export interface History {
  readonly accepted: NewMessage;
  readonly events: readonly RecordedEvent[];
  /** null where it does not wait in the queue. */
  readonly waiting: Waiting | null;
}

const readTimeline = sqlFile(import.meta.url, './sql/timeline.sql');

const usuallyExamined = 10_000;
const mostEvents = 1_000;

/** Reads messages for one tenant, in one snapshot each, under row level security. */
@Injectable()
export class MessageReader {
  constructor(
    private readonly database: Database,
    private readonly waiting: WaitingReader,
  ) {}

  /** @throws NotFound, alike for an absent message and for one that the viewer may not see */
  async get(viewer: Viewer, id: string): Promise<Message> {
    return visible(viewer, await this.findMany(viewer.tenantId, [id]));
  }

  /** In the transaction of whoever has just changed it: an answer that needs nothing after its COMMIT. @throws NotFound */
  async getIn(tx: Transaction, viewer: Viewer, id: string): Promise<Message> {
    const rows = await tx.query<MessageRow>(readMessages, [viewer.tenantId, [id]]);
    return visible(viewer, rows.map(messageOf));
  }

  /** Those of the messages that exist, in no order. */
  async findMany(tenantId: string, ids: readonly string[]): Promise<Message[]> {
    const rows = await this.query<MessageRow>(tenantId, readMessages, [tenantId, ids]);
    return rows.map(messageOf);
  }

  /** A page, newest first; it may be short or empty and still have a next one. */
  async list(viewer: Viewer, filters: MessageFilters, page: PageWanted): Promise<MessagePage> {
    const accountIds = visibleAccounts(viewer, filters.accountId);
    const source = sourceFor(filters);
    const examined = isFiltered(source, filters, accountIds)
      ? (page.mostExamined ?? usuallyExamined)
      : page.limit + 1;
    const rows = await this.query<FrontierRow<MessageRow>>(viewer.tenantId, listMessages[source], [
      viewer.tenantId,
      ...idBounds(filters.createdAfterMs, filters.createdBeforeMs, page.before),
      examined,
      page.limit + 1,
      filters.statuses,
      filters.recipient,
      accountIds,
      filters.sender,
      filters.category,
      filters.clientReference,
      ...(source === 'of-provider-id' ? [filters.providerMessageId] : []),
    ]);
    const found = pageFrom(rows, page.limit, examined);
    return { messages: found.rows.map(messageOf), nextBefore: found.nextBefore };
  }

  /**
   * A message with what was recorded about it after its acceptance, in that order, at most 1,000 events; and what it
   * waits for while it is queued.
   * @throws NotFound
   */
  async history(viewer: Viewer, id: string): Promise<History> {
    const { tenantId } = viewer;
    return this.database.transaction('reads', { role: 'tenant', tenantId }, async (tx) => {
      const { accepted, progress } = await this.getIn(tx, viewer, id);
      const events = await tx.query<RecordedEvent>(readTimeline, [tenantId, id, mostEvents]);
      if (progress.status !== 'queued') return { accepted, events, waiting: null };
      const waiting = await this.waiting.read(tx, [{ tenantId, messageId: id }]);
      return { accepted, events, waiting: waiting.get(id) ?? null };
    });
  }

  private async query<Row>(
    tenantId: string,
    statement: SqlStatement,
    parameters: readonly unknown[],
  ): Promise<Row[]> {
    return this.database.transaction('reads', { role: 'tenant', tenantId }, (tx) =>
      tx.query<Row>(statement, parameters),
    );
  }
}

function visible(viewer: Viewer, [message]: readonly Message[]): Message {
  const isVisible =
    message !== undefined &&
    (viewer.accountIds === null || viewer.accountIds.includes(message.accepted.accountId));
  if (!isVisible) throw new NotFound();
  return message;
}

/** Statuses that a narrow table holds: the lists of open work do not read through the history. */
const openStatuses: ReadonlySet<MessageStatus> = new Set([
  'scheduled',
  'queued',
  'sending',
  'sent',
  'pending',
  'uncertain',
]);

function sourceFor(filters: MessageFilters): ListSource {
  if (filters.providerMessageId !== null) return 'of-provider-id';
  if (filters.clientReference !== null) return 'of-client-reference';
  if (filters.recipient !== null) return 'of-recipient';
  return filters.statuses?.every((status) => openStatuses.has(status)) ? 'open' : 'newest';
}

/** Whether a row that was examined may be left out of the page. */
function isFiltered(
  source: ListSource,
  filters: MessageFilters,
  accountIds: readonly string[] | null,
): boolean {
  return (
    accountIds !== null ||
    filters.statuses !== null ||
    filters.sender !== null ||
    filters.category !== null ||
    (filters.recipient !== null && source !== 'of-recipient') ||
    (filters.clientReference !== null && source !== 'of-client-reference')
  );
}
