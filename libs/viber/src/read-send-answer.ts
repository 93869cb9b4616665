import type { ViberSendAnswer } from './answer.js';
import { ViberOutcomeUnknown } from './errors.js';
import { field, readId } from './fields.js';
import { outcomeOf } from './outcome.js';
import type { OpenedAnswer } from './read-answer.js';

/**
 * Reads the answer to a send. A readable `message_id` means that the message was taken, whatever the
 * HTTP status; beside an error body it is a contradiction.
 *
 * @throws ViberError
 */
export function readSendAnswer(
  { answer, fields, whole }: OpenedAnswer,
  retryAfterMs: number | null,
): ViberSendAnswer {
  const messageId = fields && readId(field(fields, 'message_id'));
  if (messageId === null) throw outcomeOf(answer, { whole, retryAfterMs });
  if (answer.errorBody) throw new ViberOutcomeUnknown('contradictory_answer', answer);
  return { ...answer, messageId };
}
