import { isFinalStatus, smsStatuses, statusName } from '#viber/content';
import type { MessageStatus } from './transitions.js';

/** What a raw status of the provider means for a message. */
export interface StatusMeaning {
  readonly status: MessageStatus;
  readonly isFinal: boolean;
  /** Stable code of `status_detail`. */
  readonly code: string | null;
}

/** The stable table behind `status_detail`. */
const meanings: Record<string, { readonly status: MessageStatus; readonly code: string | null }> = {
  sent: { status: 'sent', code: null },
  pending: { status: 'pending', code: null },
  delivered: { status: 'delivered', code: null },
  error: { status: 'failed', code: 'provider_error' },
  rejected: { status: 'rejected', code: 'provider_rejected' },
  undelivered: { status: 'undelivered', code: 'not_delivered_in_time' },
};

/** The codes of what the SMS in place of a message has come to; `sms_under_way`: the provider has not told its end. */
export const smsCodes = {
  under_way: 'sms_under_way',
  delivered: 'sms_delivered',
  expired: 'sms_expired',
  undeliverable: 'sms_undeliverable',
} as const;

/** What the two parts of a message with a fallback by SMS come to together: the end of both, or one that is delivered. */
export function meaningWithSms(meaning: StatusMeaning, smsStatus: number | null): StatusMeaning {
  const sms = smsStatus === null ? undefined : smsStatuses[smsStatus];
  if (sms === undefined || meaning.status === 'delivered') return meaning;
  if (sms === 'delivered') return { status: 'delivered', isFinal: true, code: smsCodes.delivered };
  if (!meaning.isFinal) return meaning;
  const code = sms === 'expired' ? smsCodes.expired : smsCodes.undeliverable;
  return { status: 'undelivered', isFinal: true, code };
}

/**
 * Translates a provider status. `unknown` (20) and numbers that nobody has documented tell only that the
 * provider has the message: it counts as sent, and the number is kept as it is.
 */
export function meaningOf(
  providerStatus: number,
  options: { readonly status2Final: boolean },
): StatusMeaning {
  const meaning = meanings[statusName(providerStatus) ?? ''];
  if (!meaning) return { status: 'sent', isFinal: false, code: 'unknown_provider_status' };
  const isFinal = isFinalStatus(providerStatus, options);
  if (!isFinal && meaning.status === 'failed')
    return { status: 'pending', isFinal, code: 'provider_error' };
  return { ...meaning, isFinal };
}
