import { Injectable } from '@nestjs/common';
import { sqlFile, type Transaction } from '../platform/database/index.js';
import type { EventDto } from './dto/event.dto.js';
import type { EventType } from './event-types.js';
import { acceptedOf, type AcceptedRow } from './message-row.js';
import { showEvent } from './show-event.js';
import type { EventKey, StoredEvent } from './stored-event.js';

/** An event as it is told to its tenant. */
export interface PublicEvent extends EventKey {
  readonly id: string;
  readonly accountId: string | null;
  /** What a webhook delivers as its body, and an entry of the feed holds: alike to the byte. */
  readonly payload: EventDto;
}

/** A higher floor that owns what some events tell of. */
export interface EventSource {
  readonly types: readonly EventType[];
  /** The `data` of the events, by the event's id; one that is left out is told by its snapshot. */
  show(tx: Transaction, events: readonly StoredEvent[]): Promise<ReadonlyMap<string, object>>;
}

interface EventColumns {
  readonly tenant_id: string;
  readonly position: number;
  readonly event_id: string;
  readonly at: Date;
  readonly type: string;
  readonly message_id: string | null;
  readonly event_account_id: string | null;
  readonly snapshot: Readonly<Record<string, unknown>> | null;
}

/** The columns of its message are null where it tells of none, or of one that is not kept any more. */
type EventRow = EventColumns &
  ((AcceptedRow & { readonly sent_at: Date | null }) | { readonly id: null });

const readEvents = sqlFile(import.meta.url, './sql/read-events.sql');

/** The one place that turns stored events into what tenants are told. */
@Injectable()
export class EventReader {
  private readonly sources = new Map<string, EventSource>();

  register(source: EventSource): void {
    for (const type of source.types) this.sources.set(type, source);
  }

  /**
   * Those of the events that exist, by tenant and position. Each is told as it was when it happened, whatever came later.
   * @param tx under the role `tenant` of their tenant, or `worker` for events of several
   */
  async read(tx: Transaction, keys: readonly EventKey[]): Promise<PublicEvent[]> {
    if (keys.length === 0) return [];
    const rows = await tx.query<EventRow>(readEvents, [
      keys.map(({ tenantId }) => tenantId),
      keys.map(({ position }) => position),
    ]);
    const stored = rows.map(storedOf);
    const shown = await this.showBySources(tx, stored);
    return rows.map((row, index) => {
      const event = stored[index] as StoredEvent;
      const message = row.id === null ? null : { accepted: acceptedOf(row), sentAt: row.sent_at };
      return {
        tenantId: event.tenantId,
        position: event.position,
        id: event.id,
        accountId: event.accountId,
        payload: showEvent(event, message, shown.get(event.id)),
      };
    });
  }

  private async showBySources(
    tx: Transaction,
    events: readonly StoredEvent[],
  ): Promise<ReadonlyMap<string, object>> {
    const bySource = new Map<EventSource, StoredEvent[]>();
    for (const event of events) {
      const source = this.sources.get(event.type);
      if (source) bySource.set(source, [...(bySource.get(source) ?? []), event]);
    }
    const shown = new Map<string, object>();
    for (const [source, own] of bySource)
      for (const [id, data] of await source.show(tx, own)) shown.set(id, data);
    return shown;
  }
}

function storedOf(row: EventColumns): StoredEvent {
  return {
    tenantId: row.tenant_id,
    position: row.position,
    id: row.event_id,
    at: row.at,
    type: row.type,
    messageId: row.message_id,
    accountId: row.event_account_id,
    snapshot: row.snapshot,
  };
}
