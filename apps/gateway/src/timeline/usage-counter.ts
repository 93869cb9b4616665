import { Injectable } from '@nestjs/common';
import { sqlFile, type Transaction } from '../platform/database/index.js';
import { OutboxRelay, type OutboxConsumer, type RelayedEvent } from './outbox-relay.js';

const countUsage = sqlFile(import.meta.url, './sql/count-usage.sql');

interface Count {
  readonly tenantId: string;
  readonly day: string;
  readonly accountId: string;
  readonly type: string;
  count: number;
}

/** Counts what a tenant used: events by UTC day, account and type. */
@Injectable()
export class UsageCounter implements OutboxConsumer {
  readonly name = 'usage';

  constructor(relay: OutboxRelay) {
    relay.register(this);
  }

  async consume(tx: Transaction, events: readonly RelayedEvent[]): Promise<void> {
    const counts = [...countsOf(events).values()];
    if (counts.length === 0) return;
    await tx.query(countUsage, [
      counts.map((count) => count.tenantId),
      counts.map((count) => count.day),
      counts.map((count) => count.accountId),
      counts.map((count) => count.type),
      counts.map((count) => count.count),
    ]);
  }
}

function countsOf(events: readonly RelayedEvent[]): Map<string, Count> {
  const counts = new Map<string, Count>();
  for (const event of events) {
    if (event.account_id === null) continue;
    const day = event.at.toISOString().slice(0, 10);
    const key = `${event.tenant_id}/${day}/${event.account_id}/${event.type}`;
    const known = counts.get(key);
    if (known) known.count += 1;
    else
      counts.set(key, {
        tenantId: event.tenant_id,
        day,
        accountId: event.account_id,
        type: event.type,
        count: 1,
      });
  }
  return counts;
}
