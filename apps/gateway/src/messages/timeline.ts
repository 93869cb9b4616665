import { showId } from '../platform/ids/index.js';
import type { TimelineEventDto } from './dto/timeline.dto.js';
import type { History, RecordedEvent } from './message-reader.js';
import type { NewMessage } from './new-message.js';
import type { Waiting } from './waiting-reader.js';

/**
 * What happened to a message, in order. Its beginning follows from columns that never change, so that accepting a
 * message writes no event; the rest was recorded, but for what it waits for at present.
 */
export function timelineOf({ accepted, events, waiting }: History): TimelineEventDto[] {
  const present = waiting === null ? [] : [showWaiting(waiting)];
  return [...beginningOf(accepted), ...events.map(showEvent), ...present];
}

/** Nothing that happened, but how it stands at the moment of reading: the last entry of a queued message. */
function showWaiting({ reason, since, at }: Waiting): TimelineEventDto {
  return {
    at: at.toISOString(),
    type: 'waiting',
    status: 'queued',
    attempt: null,
    applied: null,
    detail: { reason, since: since.toISOString(), ms: Math.max(0, at.getTime() - since.getTime()) },
  };
}

function beginningOf(accepted: NewMessage): TimelineEventDto[] {
  const at = accepted.acceptedAt;
  const nothing = { attempt: null, applied: null };
  const by = accepted.apiKeyId === null ? null : showId('key', accepted.apiKeyId);
  return [
    {
      at,
      type: 'accepted',
      status: null,
      ...nothing,
      detail: { api_key_id: by, request_id: accepted.requestId },
    },
    accepted.sendAt === null
      ? { at, type: 'queued', status: 'queued', ...nothing, detail: null }
      : {
          at,
          type: 'scheduled',
          status: 'scheduled',
          ...nothing,
          detail: { send_at: accepted.sendAt },
        },
  ];
}

function showEvent({
  at,
  type,
  status,
  attempt,
  applied,
  detail,
}: RecordedEvent): TimelineEventDto {
  return { at: at.toISOString(), type, status, attempt, applied, detail };
}
