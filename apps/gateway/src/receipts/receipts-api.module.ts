import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/index.js';
import { DriftModule } from '../drift/index.js';
import { CallbackIntake } from './callback-intake.js';
import { CallbacksController } from './callbacks.controller.js';
import { InboundMessageReader } from './inbound-message-reader.js';
import { InboundMessagesController } from './inbound-messages.controller.js';
import { InboundEventsModule } from './inbound-events.module.js';
import { ReceiptAppender } from './receipt-appender.js';

/**
 * Owns: receipts, inbound_messages.
 * Offers: the provider's callback URLs and the tenants' list of replies, in the api role.
 * Calls: accounts (callback URLs), drift, platform.
 */
@Module({
  imports: [AccountsModule, DriftModule, InboundEventsModule],
  controllers: [CallbacksController, InboundMessagesController],
  providers: [CallbackIntake, ReceiptAppender, InboundMessageReader],
})
export class ReceiptsApiModule {}
