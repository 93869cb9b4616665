import { Module } from '@nestjs/common';
import { QueueModule } from '../queue/index.js';
import { ClaimReader } from './claim-reader.js';
import { EventReader } from './event-reader.js';
import { EvidenceMerger } from './evidence-merger.js';
import { ForcedExpiry } from './forced-expiry.js';
import { MessageAcceptor } from './message-acceptor.js';
import { MessageCanceller } from './message-canceller.js';
import { MessageEnder } from './message-ender.js';
import { MessageReader } from './message-reader.js';
import { ScheduledPromoter } from './scheduled-promoter.js';
import { WaitingReader } from './waiting-reader.js';

const offered = [
  ClaimReader,
  EventReader,
  EvidenceMerger,
  ForcedExpiry,
  MessageAcceptor,
  MessageCanceller,
  MessageEnder,
  MessageReader,
  ScheduledPromoter,
];

/**
 * Owns: messages, events, idempotency_keys, provider_ids, daily_counts.
 * Offers: acceptance, reading, cancelling, expiry, promotion, the merge of evidence, and events as tenants are told of them; no loops, no controllers.
 * Calls: queue, platform.
 */
@Module({
  imports: [QueueModule],
  providers: [...offered, WaitingReader],
  exports: offered,
})
export class MessagesModule {}
