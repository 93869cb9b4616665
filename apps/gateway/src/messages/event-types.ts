/** What a tenant is told of, by the feed and by webhooks. New types may appear. */
export const eventTypes = [
  'message.queued',
  'message.sent',
  'message.pending',
  'message.delivered',
  'message.undelivered',
  'message.rejected',
  'message.failed',
  'message.expired',
  'message.cancelled',
  'message.uncertain',
  'message.unresolved',
  'message.corrected',
  'inbound.received',
  'account.paused',
  'account.resumed',
  'endpoint.disabled',
] as const;

export type EventType = (typeof eventTypes)[number];
