import { Module } from '@nestjs/common';
import { MessagesModule } from '../messages/index.js';
import { EventsController } from './events.controller.js';
import { FeedReader } from './feed-reader.js';
import { FeedWatch } from './feed-watch.js';
import { Feed } from './feed.js';

/**
 * Owns: no table; feed and feed_positions are filled by timeline's relay.
 * Offers: /v1/events, in the api role.
 * Calls: messages (EventReader), tenants (who calls), platform.
 */
@Module({
  imports: [MessagesModule],
  controllers: [EventsController],
  providers: [Feed, FeedReader, FeedWatch],
})
export class EventsApiModule {}
