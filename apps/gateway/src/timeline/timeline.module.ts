import { Module } from '@nestjs/common';
import { OutboxRelay } from './outbox-relay.js';
import { UsageCounter } from './usage-counter.js';

/**
 * Owns: feed, feed_positions, usage_counts; events and outbox, which are appended in the transaction of whoever
 * changes a message.
 * Offers: OutboxRelay.register(consumer) for every higher floor that must hear of events.
 * Calls: platform, and nothing above.
 */
@Module({ providers: [OutboxRelay, UsageCounter], exports: [OutboxRelay] })
export class TimelineModule {}
