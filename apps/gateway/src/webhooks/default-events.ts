import { eventTypes, type EventType } from '../messages/index.js';

const leftOut: ReadonlySet<EventType> = new Set([
  'message.queued',
  'message.sent',
  'message.pending',
]);

/** What an endpoint gets that names no events: ends of messages and their corrections, replies, and what concerns accounts and endpoints. */
export const defaultEvents: readonly EventType[] = eventTypes.filter((type) => !leftOut.has(type));
