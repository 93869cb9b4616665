import { Injectable } from '@nestjs/common';
import { Database, sqlFile, type Transaction } from '../platform/database/index.js';
import { secondsBack, type LookFrom, type LookOutcome } from '../platform/loops/index.js';

/** A public event with its place in its tenant's feed. */
export interface RelayedEvent {
  readonly tenant_id: string;
  /** Grows within the tenant; a message's later events have higher ones. */
  readonly position: number;
  readonly id: string;
  readonly at: Date;
  /** Such as `message.delivered`. */
  readonly type: string;
  readonly message_id: string | null;
  readonly account_id: string | null;
}

/** A higher floor that must hear of events; it writes in the relay's own transaction. */
export interface OutboxConsumer {
  readonly name: string;
  consume(tx: Transaction, events: readonly RelayedEvent[]): Promise<void>;
}

const lockFeeds = sqlFile(import.meta.url, './sql/lock-feeds.sql');
const relay = sqlFile(import.meta.url, './sql/relay.sql');
const mostAtOnce = 2_000;

/**
 * Gives committed events their place in the feed and hands them to whoever registered. Events are given ids before
 * they commit, so only a place that is given after the commit can be followed without a gap (DISPATCH 17).
 */
@Injectable()
export class OutboxRelay {
  private readonly consumers: OutboxConsumer[] = [];

  constructor(private readonly database: Database) {}

  register(consumer: OutboxConsumer): void {
    this.consumers.push(consumer);
  }

  /** Relays one batch of the oldest. Returns true when there may be more. */
  async runOnce(): Promise<boolean> {
    return (await this.look('head')) === 'more';
  }

  /** Relays one batch of what is found from there on. */
  async look(from: LookFrom): Promise<LookOutcome> {
    return this.database.transaction('hot', { role: 'worker' }, async (tx) => {
      const back = secondsBack(from);
      const [locked] = await tx.query<{ tenants: string[]; on_hold: boolean }>(lockFeeds, [
        mostAtOnce,
        back,
      ]);
      if (locked?.on_hold !== false) return 'none';
      if (locked.tenants.length === 0) return 'all';
      const events = await tx.query<RelayedEvent>(relay, [locked.tenants, mostAtOnce, back]);
      for (const consumer of this.consumers) await consumer.consume(tx, events);
      return events.length === mostAtOnce ? 'more' : 'all';
    });
  }
}
