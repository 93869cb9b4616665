import { Module } from '@nestjs/common';
import { MessagesModule } from '../messages/index.js';
import { InboundEvents } from './inbound-events.js';

/**
 * Owns: no table.
 * Offers: what events of inbound messages show, in both roles: the feed is read in one, webhooks leave from the other.
 * Calls: messages (EventReader).
 */
@Module({ imports: [MessagesModule], providers: [InboundEvents] })
export class InboundEventsModule {}
