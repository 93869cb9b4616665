import type { Message } from '../messages/index.js';
import type { InboundMessage } from '../receipts/index.js';

/** A recipient and a sender that the recipient has replied to. */
export interface Conversation {
  readonly id: string;
  /** Digits. */
  readonly recipient: string;
  readonly sender: string;
  /** The account of the newest reply, over which it goes on. */
  readonly account_id: string;
  readonly last_inbound_id: string;
  readonly last_inbound_at: Date;
  readonly created_at: Date;
}

/** One thing that was written, in either direction. */
export type ConversationEntry =
  | { readonly message: Message; readonly inbound: null }
  | { readonly message: null; readonly inbound: InboundMessage };
