import type { Message } from './messages.js';
import type { CallbackShape } from './wire-modes.js';

/** A body is posted; what has none is asked for by GET. */
export interface CallbackForm {
  readonly contentType?: string;
  readonly body?: string;
  /** Appended to the query of the URL. */
  readonly query?: Readonly<Record<string, string>>;
}

const json = 'application/json';
const boundary = '------------------------d74496d66958873e';
const part = (name: string, value: string) =>
  `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;

/** Ids are spliced in as digits: as numbers they could lose some. */
export const callbackShapes: Readonly<
  Record<CallbackShape, (message: Message, status: number) => CallbackForm>
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
  multipart: ({ id }, status) => ({
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: `${part('message_id', id)}${part('status', String(status))}--${boundary}--\r\n`,
  }),
  query: ({ id }, status) => ({ query: { message_id: id, status: String(status) } }),
};
