import { Injectable } from '@nestjs/common';
import { EventReader, type EventSource, type StoredEvent } from '../messages/index.js';
import { sqlFile, type Transaction } from '../platform/database/index.js';
import type { InboundMessage } from './inbound-message-reader.js';
import { showInbound } from './show-inbound.js';

const findInboundMessages = sqlFile(import.meta.url, './sql/find-inbound-messages.sql');

/** Shows the inbound messages of `inbound.received`. */
@Injectable()
export class InboundEvents implements EventSource {
  readonly types = ['inbound.received'] as const;

  constructor(reader: EventReader) {
    reader.register(this);
  }

  async show(
    tx: Transaction,
    events: readonly StoredEvent[],
  ): Promise<ReadonlyMap<string, object>> {
    const rows = await tx.query<InboundMessage>(findInboundMessages, [
      events.map(({ tenantId }) => tenantId),
      events.map(inboundIdOf),
    ]);
    const shown = new Map(rows.map((row) => [row.id, showInbound(row)]));
    return new Map(
      events.flatMap((event) => {
        const message = shown.get(inboundIdOf(event));
        return message === undefined ? [] : [[event.id, message] as const];
      }),
    );
  }
}

/** Named in the snapshot; else the event has the inbound message's own id. */
function inboundIdOf({ id, snapshot }: StoredEvent): string {
  const named = snapshot?.['inbound_message_id'];
  return typeof named === 'string' ? named : id;
}
