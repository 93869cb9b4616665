import { showId } from '../platform/ids/index.js';
import { showRecipient } from '../recipients/index.js';
import type { MessageDto, StatusDetailDto } from './dto/message.dto.js';
import type { MessageProgress } from './message.js';
import type { NewMessage } from './new-message.js';
import { smsCodes } from './provider-status.js';

/** A message as the API shows it. The same input gives the same bytes. */
export function showMessage(accepted: NewMessage, progress: MessageProgress): MessageDto {
  return {
    id: showId('msg', accepted.id),
    account_id: showId('acc', accepted.accountId),
    status: progress.status,
    is_final: progress.finalAt !== null,
    recipient: showRecipient(accepted.recipient),
    sender: accepted.sender,
    text: accepted.text,
    image_url: accepted.imageUrl,
    button:
      accepted.buttonCaption === null || accepted.buttonUrl === null
        ? null
        : { caption: accepted.buttonCaption, url: accepted.buttonUrl },
    file_url: accepted.fileUrl,
    fallback_sms_text: accepted.fallbackSmsText,
    category: accepted.category,
    priority: accepted.class === 0 ? 'urgent' : 'normal',
    two_way: accepted.twoWay,
    provider_message_type: accepted.providerMessageType,
    delivery_mode: accepted.deliveryMode,
    possible_duplicate: progress.possibleDuplicate,
    attempts: progress.attempts,
    validity_seconds: accepted.validitySeconds,
    accepted_at: accepted.acceptedAt,
    send_at: accepted.sendAt,
    expires_at: accepted.expiresAt,
    sent_at: progress.sentAt?.toISOString() ?? null,
    final_at: progress.finalAt?.toISOString() ?? null,
    delivered_via: deliveredVia(progress),
    sms_status: smsStatuses[progress.statusCode ?? ''] ?? null,
    status_detail: showStatusDetail(progress),
    evidence: progress.evidence,
    provider_message_id: progress.providerMessageId,
    client_reference: accepted.clientReference,
    metadata: accepted.metadata && inOrderOfKeys(accepted.metadata),
    group: accepted.groupName,
  };
}

/** The end of an SMS is the reason of the message's own status. */
const smsStatuses: Readonly<Record<string, string>> = {
  [smsCodes.under_way]: 'pending',
  [smsCodes.delivered]: 'delivered',
  [smsCodes.expired]: 'expired',
  [smsCodes.undeliverable]: 'undeliverable',
};

function deliveredVia({ status, statusCode }: MessageProgress): MessageDto['delivered_via'] {
  if (status !== 'delivered') return null;
  return statusCode === smsCodes.delivered ? 'sms' : 'viber';
}

function showStatusDetail(progress: MessageProgress): StatusDetailDto | null {
  const { statusCode, providerStatus, statusMessage } = progress;
  if (statusCode === null && providerStatus === null && statusMessage === null) return null;
  return { code: statusCode, provider_status: providerStatus, message: statusMessage };
}

// jsonb forgets the order in which keys were given; a replay, read from it, must not show another one.
function inOrderOfKeys(metadata: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)));
}
