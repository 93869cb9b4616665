import { readRecipient, showRecipient } from '../messages/index.js';
import { showId } from '../platform/ids/index.js';
import type { InboundMessageDto } from './dto/inbound-message.dto.js';
import type { InboundMessage } from './inbound-message-reader.js';

/** An inbound message as the API shows it. */
export function showInbound(message: InboundMessage): InboundMessageDto {
  return {
    id: showId('inb', message.id),
    account_id: message.account_id === null ? null : showId('acc', message.account_id),
    phone_number: showRecipient(readRecipient(message.phone_number) ?? message.phone_number),
    text: message.text,
    in_reply_to: message.in_reply_to === null ? null : showId('msg', message.in_reply_to),
    sent_at: message.sent_at?.toISOString() ?? null,
    received_at: message.received_at.toISOString(),
  };
}
