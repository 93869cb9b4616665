import type { MessageStatus } from '../messages/index.js';

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

export function providerStatusOf(status: MessageStatus): number {
  return numbers[status];
}
