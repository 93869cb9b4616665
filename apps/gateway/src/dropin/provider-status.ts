import { smsCodes, type MessageStatus } from '../messages/index.js';

/**
 * What the provider's clients are told of a message: the documented numbers only, as some of them fail at any other one.
 * What was never sent (expired, cancelled) is undelivered, as it is at the provider when the time is over.
 */
const numbers: Readonly<Record<MessageStatus, number>> = {
  scheduled: 5,
  queued: 5,
  sending: 5,
  pending: 5,
  sent: 0,
  delivered: 1,
  failed: 2,
  rejected: 3,
  undelivered: 4,
  expired: 4,
  cancelled: 4,
  uncertain: 20,
  unresolved: 20,
};

const smsNumbers: Readonly<Record<string, number>> = {
  [smsCodes.delivered]: 2,
  [smsCodes.expired]: 3,
  [smsCodes.undeliverable]: 5,
};

/** A message's status as the provider tells it, or calls it back. */
export interface ProviderStatus {
  readonly message_id: number;
  readonly status: number;
  readonly sms_message_id?: number;
  readonly sms_message_status?: number;
}

/**
 * The members of an SMS are there once its end is known: some clients fail at any other number. Its id is that of the message;
 * nothing can be asked with it. The status is Viber's part then, which has failed.
 */
export function providerStatusOf(
  number: number,
  { status, statusCode }: { readonly status: MessageStatus; readonly statusCode: string | null },
): ProviderStatus {
  const sms = smsNumbers[statusCode ?? ''];
  if (sms !== undefined) {
    return {
      message_id: number,
      status: numbers.undelivered,
      sms_message_id: number,
      sms_message_status: sms,
    };
  }
  const isUnderWay = statusCode === smsCodes.under_way;
  return { message_id: number, status: isUnderWay ? numbers.pending : numbers[status] };
}
