import type { NewMessage } from './new-message.js';
import type { MessageStatus } from './transitions.js';

/** What became of a message so far. */
export interface MessageProgress {
  readonly status: MessageStatus;
  readonly attempts: number;
  readonly possibleDuplicate: boolean;
  readonly sentAt: Date | null;
  readonly finalAt: Date | null;
  readonly statusCode: string | null;
  readonly statusMessage: string | null;
  readonly providerStatus: string | null;
  readonly providerMessageId: string | null;
  readonly evidence: string | null;
}

/** A message as it was accepted, and what became of it. */
export interface Message {
  readonly accepted: NewMessage;
  readonly progress: MessageProgress;
}

/** Follows from immutable columns alone, so that the answer to a replay is the first one. */
export function progressAtAcceptance(accepted: NewMessage): MessageProgress {
  return {
    status: accepted.sendAt === null ? 'queued' : 'scheduled',
    attempts: 0,
    possibleDuplicate: false,
    sentAt: null,
    finalAt: null,
    statusCode: null,
    statusMessage: null,
    providerStatus: null,
    providerMessageId: null,
    evidence: null,
  };
}
