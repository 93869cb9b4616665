import { OmitType } from '@nestjs/swagger';
import { CreateMessageDto } from '../../messages/index.js';

/**
 * A message to the conversation's recipient, from its sender, that can be replied to. A field that is null counts as not
 * given.
 */
export class ConversationReplyDto extends OmitType(CreateMessageDto, [
  'recipient',
  'sender',
  'account_id',
  'two_way',
] as const) {}
