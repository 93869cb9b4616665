import { Module } from '@nestjs/common';
import { MessagesApiModule, MessagesModule } from '../messages/index.js';
import { ReceiptsApiModule } from '../receipts/index.js';
import { ConversationReader } from './conversation-reader.js';
import { ConversationReplies } from './conversation-replies.js';
import { ConversationsController } from './conversations.controller.js';

/**
 * Owns: no table; receipts keep conversations with the replies that begin them.
 * Offers: /v1/conversations, in the api role.
 * Calls: messages (acceptance, reading), receipts (replies), tenants (who calls).
 */
@Module({
  imports: [MessagesModule, MessagesApiModule, ReceiptsApiModule],
  controllers: [ConversationsController],
  providers: [ConversationReader, ConversationReplies],
})
export class ConversationsApiModule {}
