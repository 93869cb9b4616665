import { messageTypes, sourceTypes, validityPeriodSeconds, type WireSendRequest } from '#viber';
import { showId } from '../platform/ids/index.js';
import type { IntendedRow } from '../queue/index.js';

const daySeconds = 86_400;
const twoWayTypes = new Set(messageTypes.filter((type) => type.twoWay).map((type) => type.type));

/**
 * The message as the provider takes it. Its validity is what is left of ours, between the provider's bounds;
 * left out, so that the provider tries for its own day, when a day or more is left.
 */
export function wireMessage(
  row: IntendedRow,
  callbackUrl: string | null,
  nowMs: number,
): WireSendRequest {
  return {
    source_addr: row.sender,
    destination_addr: row.recipient,
    message_type: row.provider_message_type,
    ...(row.text === null ? {} : { text: row.text }),
    ...(row.image_url === null ? {} : { image: row.image_url }),
    ...(row.button_caption === null ? {} : { button_caption: row.button_caption }),
    ...(row.button_url === null ? {} : { button_action: row.button_url }),
    ...(row.file_url === null ? {} : { file_url: row.file_url }),
    ...(row.fallback_sms_text === null ? {} : { text_sms: row.fallback_sms_text }),
    source_type: sourceTypes[row.category],
    ...(callbackUrl === null ? {} : { callback_url: callbackUrl }),
    ...validityPeriod(row.expires_at.getTime() - nowMs),
    ...(twoWayTypes.has(row.provider_message_type)
      ? { tracking_data: trackingData(row.message_id) }
      : {}),
  };
}

/** What comes back with a reply: names our message, as the provider's callback names none. */
export function trackingData(messageId: string): string {
  return `tracking_id:${showId('msg', messageId)}`;
}

function validityPeriod(leftMs: number): { validity_period?: number } {
  const left = Math.ceil(leftMs / 1_000);
  if (left >= daySeconds) return {};
  const { min, max } = validityPeriodSeconds;
  return { validity_period: Math.min(max, Math.max(min, left)) };
}
