import { Injectable } from '@nestjs/common';
import { EventReader, type EventSource, type StoredEvent } from '../messages/index.js';
import type { Transaction } from '../platform/database/index.js';
import type { EndpointEventDataDto } from './dto/endpoint-event.dto.js';

/** What sql/disable-endpoint.sql tells. */
type Snapshot = Pick<EndpointEventDataDto, 'endpoint_id' | 'url' | 'reason'>;

/** Shows what `endpoint.disabled` tells. */
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
    return new Map(events.map((event) => [event.id, dataOf(event)]));
  }
}

function dataOf({ at, position, snapshot }: StoredEvent): EndpointEventDataDto {
  const told = snapshot as unknown as Snapshot;
  return {
    endpoint_id: told.endpoint_id,
    url: told.url,
    reason: told.reason,
    disabled_at: at.toISOString(),
    sequence: position,
  };
}
