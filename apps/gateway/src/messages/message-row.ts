import type { Message } from './message.js';
import type { DeliveryMode, MessageClass, NewMessage } from './new-message.js';
import type { MessageStatus } from './transitions.js';

/** A message's columns that never change. */
export interface AcceptedRow {
  readonly tenant_id: string;
  readonly id: string;
  readonly account_id: string;
  readonly api_key_id: string | null;
  readonly accepted_at: Date;
  readonly sender: string;
  readonly recipient: string;
  readonly category: NewMessage['category'];
  readonly class: MessageClass;
  readonly two_way: boolean;
  readonly provider_message_type: number;
  readonly delivery_mode: DeliveryMode;
  readonly text: string | null;
  readonly image_url: string | null;
  readonly button_caption: string | null;
  readonly button_url: string | null;
  readonly file_url: string | null;
  readonly fallback_sms_text: string | null;
  readonly validity_seconds: number;
  readonly send_at: Date | null;
  readonly expires_at: Date;
  readonly client_reference: string | null;
  readonly group_name: string | null;
  readonly metadata: Record<string, string> | null;
  readonly request_id: string | null;
}

/** A row of sql/current-messages.sql. */
export interface MessageRow extends AcceptedRow {
  readonly status: MessageStatus;
  readonly attempts: number;
  readonly possible_duplicate: boolean;
  readonly sent_at: Date | null;
  readonly final_at: Date | null;
  readonly provider_message_id: string | null;
  readonly provider_status: string | null;
  readonly status_code: string | null;
  readonly status_message: string | null;
  readonly evidence: string | null;
}

export function acceptedOf(row: AcceptedRow): NewMessage {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    accountId: row.account_id,
    apiKeyId: row.api_key_id,
    acceptedAt: row.accepted_at.toISOString(),
    sender: row.sender,
    recipient: row.recipient,
    category: row.category,
    class: row.class,
    twoWay: row.two_way,
    providerMessageType: row.provider_message_type,
    deliveryMode: row.delivery_mode,
    text: row.text,
    imageUrl: row.image_url,
    buttonCaption: row.button_caption,
    buttonUrl: row.button_url,
    fileUrl: row.file_url,
    fallbackSmsText: row.fallback_sms_text,
    validitySeconds: row.validity_seconds,
    sendAt: row.send_at?.toISOString() ?? null,
    expiresAt: row.expires_at.toISOString(),
    clientReference: row.client_reference,
    groupName: row.group_name,
    metadata: row.metadata,
    requestId: row.request_id,
  };
}

export function messageOf(row: MessageRow): Message {
  return {
    accepted: acceptedOf(row),
    progress: {
      status: row.status,
      attempts: row.attempts,
      possibleDuplicate: row.possible_duplicate,
      sentAt: row.sent_at,
      finalAt: row.final_at,
      statusCode: row.status_code,
      statusMessage: row.status_message,
      providerStatus: row.provider_status,
      providerMessageId: row.provider_message_id,
      evidence: row.evidence,
    },
  };
}
