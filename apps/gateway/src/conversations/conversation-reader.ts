import { Injectable } from '@nestjs/common';
import {
  idBounds,
  MessageReader,
  pageFrom,
  visibleAccounts,
  type FrontierRow,
  type Viewer,
} from '../messages/index.js';
import { Database, sqlFile, type SqlStatement } from '../platform/database/index.js';
import { NotFound } from '../platform/errors/index.js';
import { InboundMessageReader } from '../receipts/index.js';
import type { Conversation, ConversationEntry } from './conversation.js';

/** What a list is narrowed to; null narrows nothing. */
export interface ConversationFilters {
  /** Digits. */
  readonly recipient: string | null;
  readonly sender: string | null;
  readonly accountId: string | null;
}

interface PageWanted {
  readonly limit: number;
  /** The id below which the page starts; null for the first page. */
  readonly before: string | null;
}

interface EntryRow {
  readonly id: string;
  readonly is_inbound: boolean;
}

const listConversations = sqlFile(import.meta.url, './sql/list-conversations.sql');
const readConversation = sqlFile(import.meta.url, './sql/read-conversation.sql');
const listEntries = sqlFile(import.meta.url, './sql/list-entries.sql');

/** How many rows of either direction one page looks at, whatever the sender leaves of them. */
const mostExamined = 10_000;

/** Reads conversations for one tenant, under row level security. */
@Injectable()
export class ConversationReader {
  constructor(
    private readonly database: Database,
    private readonly messages: MessageReader,
    private readonly inbound: InboundMessageReader,
  ) {}

  /** The one with the newest reply first. A viewer who is restricted to accounts sees those that go on over them. */
  async list(
    viewer: Viewer,
    { recipient, sender, accountId }: ConversationFilters,
    { limit, before }: PageWanted,
  ): Promise<{ conversations: Conversation[]; nextBefore: string | null }> {
    const [below] = idBounds(null, null, before);
    const accountIds = visibleAccounts(viewer, accountId);
    const parameters = [viewer.tenantId, below, limit + 1, recipient, sender, accountIds];
    const rows = await this.query<Conversation>(viewer, listConversations, parameters);
    const conversations = rows.slice(0, limit);
    const isLast = rows.length <= limit;
    return { conversations, nextBefore: isLast ? null : conversations.at(-1)!.last_inbound_id };
  }

  /** @throws NotFound, alike for an absent one and for one that the viewer may not see */
  async get(viewer: Viewer, id: string): Promise<Conversation> {
    const parameters = [viewer.tenantId, id, viewer.accountIds];
    const [row] = await this.query<Conversation>(viewer, readConversation, parameters);
    if (row === undefined) throw new NotFound();
    return row;
  }

  /**
   * What was written in both directions, newest first; one-way messages of the sender are among it.
   * @throws NotFound
   */
  async entries(
    viewer: Viewer,
    id: string,
    { limit, before }: PageWanted,
  ): Promise<{ entries: ConversationEntry[]; nextBefore: string | null }> {
    const { recipient, sender } = await this.get(viewer, id);
    const [below] = idBounds(null, null, before);
    const rows = await this.query<FrontierRow<EntryRow>>(viewer, listEntries, [
      viewer.tenantId,
      below,
      mostExamined,
      limit + 1,
      recipient,
      sender,
      viewer.accountIds,
    ]);
    const page = pageFrom(rows, limit, mostExamined);
    return { entries: await this.read(viewer, page.rows), nextBefore: page.nextBefore };
  }

  private async read(
    { tenantId }: Viewer,
    rows: readonly EntryRow[],
  ): Promise<ConversationEntry[]> {
    const idsOf = (isInbound: boolean): string[] =>
      rows.filter((row) => row.is_inbound === isInbound).map((row) => row.id);
    const [messages, inbound] = await Promise.all([
      this.messages.findMany(tenantId, idsOf(false)),
      this.inbound.findMany(tenantId, idsOf(true)),
    ]);
    const byId = new Map<string, ConversationEntry>([
      ...messages.map((message) => [message.accepted.id, { message, inbound: null }] as const),
      ...inbound.map((reply) => [reply.id, { message: null, inbound: reply }] as const),
    ]);
    // One that retention took in between is left out.
    return rows.flatMap(({ id }) => byId.get(id) ?? []);
  }

  private query<Row>(
    { tenantId }: Viewer,
    statement: SqlStatement,
    parameters: readonly unknown[],
  ): Promise<Row[]> {
    return this.database.transaction('reads', { role: 'tenant', tenantId }, (tx) =>
      tx.query<Row>(statement, parameters),
    );
  }
}
