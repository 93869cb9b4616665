import type { MessageStatus } from '../messages/index.js';
import { readId } from '../platform/ids/index.js';
import { providerStatusOf } from './provider-status.js';

type Snapshot = Readonly<Record<string, unknown>>;

/** What an event tells of a message's status, as the provider calls it back; null where it tells none. */
export function statusCallback(number: number, snapshot: Snapshot | null): string | null {
  const status = textOf(snapshot?.['status']);
  if (status === null) return null;
  const statusCode = textOf(snapshot?.['status_code']);
  return JSON.stringify(providerStatusOf(number, { status: status as MessageStatus, statusCode }));
}

/** A reply, as an event tells it. */
export interface ToldReply {
  /** The message that it answers. */
  readonly messageId: string;
  readonly messageToken: string;
  readonly phoneNumber: string;
  readonly text: string | null;
  readonly sentAt: Date | null;
}

/** null for an event that names no message, or no reply. */
export function readReply(snapshot: Snapshot | null): ToldReply | null {
  const messageId = readId('msg', textOf(snapshot?.['in_reply_to']) ?? '');
  const messageToken = textOf(snapshot?.['provider_message_token']);
  const phoneNumber = textOf(snapshot?.['phone_number']);
  if (messageId === null || phoneNumber === null) return null;
  if (messageToken === null || !/^\d{1,32}$/.test(messageToken)) return null;
  const sentAt = Date.parse(
    textOf(snapshot?.['sent_at']) ?? textOf(snapshot?.['received_at']) ?? '',
  );
  return {
    messageId,
    messageToken,
    phoneNumber: phoneNumber.replace(/^\+/, ''),
    text: textOf(snapshot?.['text']),
    sentAt: Number.isNaN(sentAt) ? null : new Date(sentAt),
  };
}

/** A reply as the provider calls it back; the message that it answers has our number. */
export function replyCallback(number: number, reply: ToldReply): string {
  const message = {
    ...(reply.text === null ? {} : { text: reply.text }),
    tracking_data: `tracking_id:${number}`,
  };
  const rest = JSON.stringify({
    phone_number: reply.phoneNumber,
    ...(reply.sentAt === null ? {} : { time: Math.floor(reply.sentAt.getTime() / 1_000) }),
    message,
  });
  // Spliced in as digits: 64 bits wide, it is no number of JavaScript's.
  return `{"message_token":${reply.messageToken},${rest.slice(1)}`;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
