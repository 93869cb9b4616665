import { showId } from '../platform/ids/index.js';
import type { TimelineEventDto } from './dto/timeline.dto.js';
import type { RecordedEvent } from './message-reader.js';
import type { NewMessage } from './new-message.js';

/**
 * What happened to a message, in order. Its beginning follows from columns that never change, so that accepting a
 * message writes no event; the rest was recorded.
 */
export function timelineOf(
  accepted: NewMessage,
  recorded: readonly RecordedEvent[],
): TimelineEventDto[] {
  return [...beginningOf(accepted), ...recorded.map(showEvent)];
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
