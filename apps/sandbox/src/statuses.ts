/** The provider's statuses, by its own numbers. */
export const status = {
  sent: 0,
  delivered: 1,
  error: 2,
  rejected: 3,
  undelivered: 4,
  pending: 5,
  unknown: 20,
  /** Not documented: a status that the provider may add one day. */
  invented: 77,
} as const;

/** Statuses of the SMS that the provider sends instead. */
export const smsStatus = { waiting: 0, delivered: 2, expired: 3, undeliverable: 5 } as const;
