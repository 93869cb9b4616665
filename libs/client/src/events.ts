import type {
  AccountEventData,
  EndpointEventData,
  EventType,
  InboundMessage,
  MessageEventData,
} from './generated/types.js';

/** The type of an event's `data`, by the type of the event. */
export interface EventData
  extends
    Record<Extract<EventType, `message.${string}`>, MessageEventData>,
    Record<Extract<EventType, `account.${string}`>, AccountEventData>,
    Record<Extract<EventType, `endpoint.${string}`>, EndpointEventData>,
    Record<Extract<EventType, `inbound.${string}`>, InboundMessage> {}

interface Told<Type, Data> {
  readonly type: Type;
  /** When it happened, or when the gateway learned of it. */
  readonly timestamp: string;
  readonly data: Data;
}

/**
 * What a webhook delivers, and an entry of the feed: `type` tells what `data` is. New types may appear; pass over those
 * that you do not know.
 */
export type TyrianEvent = {
  [Type in EventType]: Told<
    Type,
    Type extends keyof EventData ? EventData[Type] : Record<string, unknown>
  >;
}[EventType];

/** A piece of the feed. */
export interface TyrianFeedPage {
  /** Oldest first; may be empty, where the events behind the cursor were of other types. */
  readonly events: readonly (TyrianEvent & { readonly id: string })[];
  /** Keep it once you have dealt with the events, and begin with it the next time. */
  readonly cursor: string;
}
