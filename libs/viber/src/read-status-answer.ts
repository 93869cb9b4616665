import type { ViberSmsStatus, ViberStatusAnswer } from './answer.js';
import { ViberOutcomeUnknown } from './errors.js';
import { field, readId, readInteger, readStatus, type Fields } from './fields.js';
import { outcomeOf } from './outcome.js';
import type { OpenedAnswer } from './read-answer.js';

/**
 * Reads the answer to a status request.
 *
 * @throws ViberError; ViberOutcomeUnknown here means that nothing was learned.
 */
export function readStatusAnswer(
  { answer, fields, whole }: OpenedAnswer,
  askedId: string,
  retryAfterMs: number | null,
): ViberStatusAnswer {
  const status = fields && !answer.errorBody ? readStatus(field(fields, 'status')) : null;
  if (fields === null || status === null) throw outcomeOf(answer, { whole, retryAfterMs });

  const messageId = readId(field(fields, 'message_id'));
  if (messageId === null) throw outcomeOf(answer, { whole, retryAfterMs });
  if (messageId !== askedId) throw new ViberOutcomeUnknown('contradictory_answer', answer);
  return { ...answer, messageId, status, sms: readSmsStatus(fields) };
}

/** The SMS part that answers and callbacks carry where a message had `text_sms`. */
export function readSmsStatus(fields: Fields): ViberSmsStatus | null {
  const messageId = readId(field(fields, 'sms_message_id'));
  const status = readInteger(field(fields, 'sms_message_status'));
  return messageId === null && status === null ? null : { messageId, status };
}
