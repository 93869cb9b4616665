import { Injectable } from '@nestjs/common';
import { Database, sqlFile } from '../platform/database/index.js';
import { Log } from '../platform/logging/index.js';
import type { ClaimedDelivery } from './delivery-claimer.js';

const releaseDeliveries = sqlFile(import.meta.url, './sql/release-deliveries.sql');

/** Gives back what was claimed ahead and is not going to be tried by this process. */
@Injectable()
export class ClaimReleaser {
  constructor(
    private readonly database: Database,
    private readonly log: Log,
  ) {}

  async release(deliveries: readonly ClaimedDelivery[]): Promise<void> {
    if (deliveries.length === 0) return;
    const rows = deliveries.map(({ tenantId, endpointId, eventId, attempt }) => ({
      tenant_id: tenantId,
      endpoint_id: endpointId,
      event_id: eventId,
      attempt,
    }));
    try {
      await this.database.transaction('hot', { role: 'worker' }, (tx) =>
        tx.query(releaseDeliveries, [JSON.stringify(rows)]),
      );
    } catch (error) {
      // Their lease ends, and they are delivered then.
      this.log.warn({ err: error }, 'claimed webhooks could not be given back');
    }
  }
}
