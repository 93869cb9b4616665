import { Injectable } from '@nestjs/common';
import { sqlFile, type Transaction } from '../platform/database/index.js';
import { OutboxRelay, type OutboxConsumer, type RelayedEvent } from '../timeline/index.js';
import { defaultEvents } from './default-events.js';
import { lineColumns, type LineKey } from './line-key.js';

const planDeliveries = sqlFile(import.meta.url, './sql/plan-deliveries.sql');
const wakeSleepingLines = sqlFile(import.meta.url, './sql/wake-sleeping-lines.sql');

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
    const lines = await tx.query<LineKey>(planDeliveries, [JSON.stringify(rows), defaultEvents]);
    if (lines.length > 0) await tx.query(wakeSleepingLines, lineColumns(lines));
  }
}
