import { showRecipient, readRecipient } from '../messages/index.js';
import { showId } from '../platform/ids/index.js';
import type { InboundMessageDto, RoutedBy } from './dto/inbound-message.dto.js';

/** A reply as its tenant may read it. */
export interface InboundMessage {
  readonly id: string;
  readonly account_id: string | null;
  readonly phone_number: string;
  readonly sender: string | null;
  readonly conversation_id: string | null;
  readonly text: string | null;
  readonly sent_at: Date | null;
  readonly received_at: Date;
  readonly in_reply_to: string | null;
  readonly routed_by: RoutedBy | null;
  readonly message_token: string;
}

/** An inbound message as the API and its event show it. */
export function showInbound(message: InboundMessage): InboundMessageDto {
  return {
    id: showId('inb', message.id),
    account_id: message.account_id === null ? null : showId('acc', message.account_id),
    conversation_id:
      message.conversation_id === null ? null : showId('cnv', message.conversation_id),
    phone_number: showRecipient(readRecipient(message.phone_number) ?? message.phone_number),
    sender: message.sender,
    text: message.text,
    in_reply_to: message.in_reply_to === null ? null : showId('msg', message.in_reply_to),
    routed_by: message.routed_by,
    provider_message_token: message.message_token,
    sent_at: message.sent_at?.toISOString() ?? null,
    received_at: message.received_at.toISOString(),
  };
}
