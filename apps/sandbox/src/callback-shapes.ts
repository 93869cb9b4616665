import type { Message } from './messages.js';
import type { CallbackShape } from './wire-modes.js';

interface CallbackBody {
  readonly contentType: string;
  readonly body: string;
}

const json = 'application/json';

/** Ids are spliced in as digits: as numbers they could lose some. */
export const callbackShapes: Readonly<
  Record<CallbackShape, (message: Message, status: number) => CallbackBody>
> = {
  json: ({ id }, status) => ({
    contentType: json,
    body: `{"message_id":${id},"status":${status}}`,
  }),
  json_with_phone_number: ({ id, recipient }, status) => ({
    contentType: json,
    body: `{"message_id":${id},"status":${status},"phone_number":"${recipient}"}`,
  }),
  json_text_ids: ({ id }, status) => ({
    contentType: json,
    body: `{"message_id":"${id}","status":"${status}"}`,
  }),
  form: ({ id }, status) => ({
    contentType: 'application/x-www-form-urlencoded',
    body: `message_id=${id}&status=${status}`,
  }),
};
