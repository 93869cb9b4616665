import { showId } from '../platform/ids/index.js';
import type { AccountEventDataDto, EventDto, MessageEventDataDto } from './dto/event.dto.js';
import type { EventType } from './event-types.js';
import { progressAtAcceptance, type MessageProgress } from './message.js';
import type { NewMessage } from './new-message.js';
import { showMessage } from './show-message.js';
import type { StoredEvent } from './stored-event.js';
import type { MessageStatus } from './transitions.js';

/** What the snapshot of a message's event holds; what is missing in it was null. */
interface MessageSnapshot {
  readonly status: MessageStatus;
  readonly previous_status: MessageStatus;
  readonly is_final: boolean;
  readonly attempts?: number;
  readonly possible_duplicate?: boolean;
  readonly provider_message_id?: string | null;
  readonly provider_status?: string | null;
  readonly status_code?: string | null;
  readonly status_message?: string | null;
  readonly evidence?: string | null;
}

/** What an event's message was when it was accepted, and when the provider took it, as far as the event could know. */
interface EventMessage {
  readonly accepted: NewMessage;
  readonly sentAt: Date | null;
}

/** What the snapshot of an account's event holds. */
interface AccountSnapshot {
  readonly state: string;
  readonly pause: {
    readonly by: string;
    readonly reason: string | null;
    readonly since: string;
  } | null;
}

/**
 * An event as its tenant is told.
 * @param message null where it tells of none, or of one that is not kept any more
 * @param data what the owner of the type shows
 */
export function showEvent(
  event: StoredEvent,
  message: EventMessage | null,
  data: object | undefined,
): EventDto {
  return {
    type: event.type as EventType,
    timestamp: event.at.toISOString(),
    data: data ?? dataOf(event, message),
  };
}

function dataOf(event: StoredEvent, message: EventMessage | null): object {
  if (event.type.startsWith('account.')) return showAccount(event);
  if (event.messageId === null) return event.snapshot ?? {};
  return message === null ? whatIsLeft(event, event.messageId) : showMessageThen(event, message);
}

function showMessageThen(
  event: StoredEvent,
  { accepted, sentAt }: EventMessage,
): MessageEventDataDto {
  const snapshot = event.snapshot as MessageSnapshot | null;
  const progress =
    snapshot === null ? progressAtAcceptance(accepted) : progressOf(event, snapshot, sentAt);
  return {
    ...showMessage(accepted, progress),
    previous_status: snapshot?.previous_status ?? null,
    sequence: event.position,
  };
}

function progressOf(
  event: StoredEvent,
  snapshot: MessageSnapshot,
  sentAt: Date | null,
): MessageProgress {
  return {
    status: snapshot.status,
    attempts: snapshot.attempts ?? 0,
    possibleDuplicate: snapshot.possible_duplicate ?? false,
    sentAt,
    finalAt: snapshot.is_final ? event.at : null,
    statusCode: snapshot.status_code ?? null,
    statusMessage: snapshot.status_message ?? null,
    providerStatus: snapshot.provider_status ?? null,
    providerMessageId: snapshot.provider_message_id ?? null,
    evidence: snapshot.evidence ?? null,
  };
}

/** The message has left with its partition; the feed keeps its events for longer where RETENTION_DAYS is short. */
function whatIsLeft(event: StoredEvent, messageId: string): object {
  const snapshot = event.snapshot as MessageSnapshot | null;
  return {
    id: showId('msg', messageId),
    account_id: event.accountId === null ? null : showId('acc', event.accountId),
    status: snapshot?.status ?? 'queued',
    is_final: snapshot?.is_final ?? false,
    previous_status: snapshot?.previous_status ?? null,
    sequence: event.position,
  };
}

function showAccount(event: StoredEvent): AccountEventDataDto {
  const { state, pause } = event.snapshot as unknown as AccountSnapshot;
  return {
    account_id: showId('acc', event.accountId as string),
    state,
    by: pause?.by ?? null,
    reason: pause?.reason ?? null,
    since: pause === null ? null : new Date(pause.since).toISOString(),
    sequence: event.position,
  };
}
