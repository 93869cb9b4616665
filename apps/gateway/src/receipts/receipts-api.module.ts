import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/index.js';
import { DriftModule } from '../drift/index.js';
import { SuppressionsModule } from '../suppressions/index.js';
import { CallbackIntake } from './callback-intake.js';
import { CallbacksController } from './callbacks.controller.js';
import { InboundKeeper } from './inbound-keeper.js';
import { InboundMessageReader } from './inbound-message-reader.js';
import { InboundMessagesController } from './inbound-messages.controller.js';
import { InboundUnroutedController } from './inbound-unrouted.controller.js';
import { ReceiptAppender } from './receipt-appender.js';
import { ReplyRouter } from './reply-router.js';
import { UnroutedReplies } from './unrouted-replies.js';

/**
 * Owns: receipts, inbound_messages, inbound_tokens, inbound_unrouted; it writes conversations.
 * Offers: the provider's callback URLs, the tenants' list of replies and the operators' of unrouted ones, in the api role.
 * Calls: accounts (callback URLs), drift, suppressions (stop words), platform.
 */
@Module({
  imports: [AccountsModule, DriftModule, SuppressionsModule],
  controllers: [CallbacksController, InboundMessagesController, InboundUnroutedController],
  providers: [
    CallbackIntake,
    ReceiptAppender,
    ReplyRouter,
    InboundKeeper,
    InboundMessageReader,
    UnroutedReplies,
  ],
  exports: [InboundMessageReader],
})
export class ReceiptsApiModule {}
