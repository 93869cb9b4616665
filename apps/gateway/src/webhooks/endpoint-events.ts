import { Injectable } from '@nestjs/common';
import { EventReader, type EventSource, type StoredEvent } from '../messages/index.js';
import type { Transaction } from '../platform/database/index.js';

/** Shows what `endpoint.disabled` tells: its snapshot, which is as it is shown. */
@Injectable()
export class EndpointEvents implements EventSource {
  readonly types = ['endpoint.disabled'] as const;

  constructor(reader: EventReader) {
    reader.register(this);
  }

  async show(
    _tx: Transaction,
    events: readonly StoredEvent[],
  ): Promise<ReadonlyMap<string, object>> {
    return new Map(
      events.map(({ id, at, position, snapshot }) => [
        id,
        {
          endpoint_id: snapshot?.['endpoint_id'] ?? null,
          url: snapshot?.['url'] ?? null,
          reason: snapshot?.['reason'] ?? null,
          disabled_at: at.toISOString(),
          sequence: position,
        },
      ]),
    );
  }
}
