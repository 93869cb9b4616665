import { Injectable } from '@nestjs/common';
import { sqlFile, type Transaction } from '../platform/database/index.js';
import { OutboxRelay, type OutboxConsumer, type RelayedEvent } from '../timeline/index.js';
import { defaultEvents } from './default-events.js';

const planDeliveries = sqlFile(import.meta.url, './sql/plan-deliveries.sql');

/** Plans what has to be delivered, in the transaction that gives an event its place in the feed. */
@Injectable()
export class DeliveryPlanner implements OutboxConsumer {
  readonly name = 'webhooks';

  constructor(relay: OutboxRelay) {
    relay.register(this);
  }

  async consume(tx: Transaction, events: readonly RelayedEvent[]): Promise<void> {
    if (events.length === 0) return;
    const rows = events.map(({ tenant_id, position, id, type, message_id, account_id }) => ({
      tenant_id,
      position,
      id,
      type,
      message_id,
      account_id,
    }));
    await tx.query(planDeliveries, [JSON.stringify(rows), defaultEvents]);
  }
}
