/** Every status that a message can show. */
export const messageStatuses = [
  'scheduled',
  'queued',
  'sending',
  'sent',
  'pending',
  'uncertain',
  'delivered',
  'undelivered',
  'rejected',
  'failed',
  'expired',
  'cancelled',
  'unresolved',
] as const;
export type MessageStatus = (typeof messageStatuses)[number];

/** The statuses that end a message. `uncertain` joins them once no evidence can come any more. */
export type FinalStatus =
  | 'delivered'
  | 'undelivered'
  | 'rejected'
  | 'failed'
  | 'expired'
  | 'cancelled'
  | 'uncertain'
  | 'unresolved';

/**
 * The one table of transitions. `uncertain` and `unresolved` yield to evidence, and `delivered` wins over
 * every other final, as any attempt may have reached the recipient; no other final is ever left.
 */
export const nextStatuses: Record<MessageStatus, readonly MessageStatus[]> = {
  scheduled: ['queued', 'cancelled', 'expired'],
  // Queued again after an unknown outcome, it may turn out to have been sent.
  queued: [
    'sending',
    'sent',
    'pending',
    'uncertain',
    'cancelled',
    'expired',
    'delivered',
    'undelivered',
    'rejected',
    'failed',
  ],
  sending: ['queued', 'sent', 'uncertain', 'rejected', 'delivered', 'undelivered', 'failed'],
  sent: ['pending', 'delivered', 'undelivered', 'rejected', 'failed', 'unresolved'],
  pending: ['delivered', 'undelivered', 'rejected', 'failed', 'unresolved'],
  uncertain: [
    'queued',
    'sent',
    'pending',
    'delivered',
    'undelivered',
    'rejected',
    'failed',
    'unresolved',
  ],
  unresolved: ['delivered', 'undelivered', 'rejected', 'failed'],
  delivered: [],
  undelivered: ['delivered'],
  rejected: ['delivered'],
  failed: ['delivered'],
  expired: ['delivered'],
  cancelled: ['delivered'],
};

/**
 * How much a status tells. Evidence is reduced to its highest rank and applied only where it stands above
 * what is known. 10 and above end a message; the same order stands in sql/merge-evidence.sql as numbers.
 */
export const ranks: Record<MessageStatus, number> = {
  scheduled: 0,
  queued: 0,
  sending: 0,
  uncertain: 1,
  sent: 2,
  pending: 3,
  unresolved: 10,
  expired: 11,
  cancelled: 11,
  undelivered: 12,
  rejected: 12,
  failed: 12,
  delivered: 13,
};

/** The rank from which a status ends a message. */
export const finalRank = 10;

export function isPossible(from: MessageStatus, to: MessageStatus): boolean {
  return nextStatuses[from].includes(to);
}
