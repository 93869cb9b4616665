import { readRecipient } from '../recipients/index.js';
import { readIdAt } from '../tenants/index.js';
import { readCursor, writeCursor } from './cursor.js';
import type { ListMessagesQueryDto } from './dto/list-messages.query.dto.js';
import { readInstant } from './instant.js';
import type { MessageFilters } from './message-reader.js';

const list = 'messages';

/** The filters of a checked query, in the database's terms. @throws InvalidRequest for an account_id that is no id */
export function filtersOf(query: ListMessagesQueryDto): MessageFilters {
  return {
    statuses: query.status ? [...new Set(query.status)].sort() : null,
    recipient: query.recipient === undefined ? null : readRecipient(query.recipient),
    accountId:
      query.account_id === undefined ? null : readIdAt('/account_id', 'acc', query.account_id),
    sender: query.sender ?? null,
    category: query.category ?? null,
    clientReference: query.client_reference ?? null,
    providerMessageId: query.provider_message_id ?? null,
    createdAfterMs: readInstant(query.created_after),
    createdBeforeMs: readInstant(query.created_before),
  };
}

/** @throws InvalidCursor */
export function pageStartOf(query: ListMessagesQueryDto, filters: MessageFilters): string | null {
  return query.cursor === undefined ? null : readCursor(list, filters, query.cursor);
}

export function nextCursorOf(filters: MessageFilters, nextBefore: string | null): string | null {
  return nextBefore === null ? null : writeCursor(list, filters, nextBefore);
}
