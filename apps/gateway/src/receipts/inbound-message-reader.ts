import { Injectable } from '@nestjs/common';
import {
  idBounds,
  pageFrom,
  visibleAccounts,
  type FrontierRow,
  type Viewer,
} from '../messages/index.js';
import { Database, sqlFile } from '../platform/database/index.js';
import type { InboundMessage } from './inbound-message.js';

/** What a list is narrowed to; null narrows nothing. */
export interface InboundFilters {
  /** Digits. */
  readonly phoneNumber: string | null;
  readonly accountId: string | null;
  readonly receivedAfterMs: number | null;
  readonly receivedBeforeMs: number | null;
}

export interface InboundPage {
  /** Newest first. */
  readonly messages: readonly InboundMessage[];
  /** The id below which the next page starts; null at the end. */
  readonly nextBefore: string | null;
}

/** How many rows one page looks at, whatever the filters leave of them. */
const mostExamined = 10_000;

const readInboundMessages = sqlFile(import.meta.url, './sql/read-inbound-messages.sql');
const listInboundMessages = sqlFile(import.meta.url, './sql/list-inbound-messages.sql');

/** Reads recipients' replies for one tenant, under row level security. */
@Injectable()
export class InboundMessageReader {
  constructor(private readonly database: Database) {}

  /**
   * A viewer who is restricted to accounts sees the replies that are known to have come over them.
   * @param before the id below which the page starts; null for the first page
   */
  async list(
    viewer: Viewer,
    filters: InboundFilters,
    page: { readonly limit: number; readonly before: string | null },
  ): Promise<InboundPage> {
    const { tenantId } = viewer;
    const accountIds = visibleAccounts(viewer, filters.accountId);
    const isFiltered = accountIds !== null || filters.phoneNumber !== null;
    const examined = isFiltered ? mostExamined : page.limit + 1;
    const rows = await this.database.transaction('reads', { role: 'tenant', tenantId }, (tx) =>
      tx.query<FrontierRow<InboundMessage>>(listInboundMessages, [
        tenantId,
        ...idBounds(filters.receivedAfterMs, filters.receivedBeforeMs, page.before),
        examined,
        page.limit + 1,
        accountIds,
        filters.phoneNumber,
      ]),
    );
    const { rows: messages, nextBefore } = pageFrom(rows, page.limit, examined);
    return { messages, nextBefore };
  }

  /** Those of the inbound messages that exist, in no order. */
  findMany(tenantId: string, ids: readonly string[]): Promise<InboundMessage[]> {
    return this.database.transaction('reads', { role: 'tenant', tenantId }, (tx) =>
      tx.query<InboundMessage>(readInboundMessages, [tenantId, ids]),
    );
  }
}
