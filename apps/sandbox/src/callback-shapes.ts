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

type Fields = Readonly<Record<string, string>>;

const written = (fields: Fields, value: (digits: string) => string): string =>
  Object.entries(fields)
    .map(([name, digits]) => `"${name}":${value(digits)}`)
    .join(',');
const asNumber = (digits: string): string => digits;
const asText = (digits: string): string => `"${digits}"`;

/** Ids are spliced in as digits: as numbers they could lose some. */
export const callbackShapes: Readonly<
  Record<CallbackShape, (fields: Fields, message: Message) => CallbackForm>
> = {
  json: (fields) => ({ contentType: json, body: `{${written(fields, asNumber)}}` }),
  json_with_phone_number: (fields, { recipient }) => ({
    contentType: json,
    body: `{${written(fields, asNumber)},"phone_number":"${recipient}"}`,
  }),
  json_text_ids: (fields) => ({ contentType: json, body: `{${written(fields, asText)}}` }),
  form: (fields) => ({
    contentType: 'application/x-www-form-urlencoded',
    body: String(new URLSearchParams(fields)),
  }),
  multipart: (fields) => ({
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: `${Object.entries(fields)
      .map(([name, value]) => part(name, value))
      .join('')}--${boundary}--\r\n`,
  }),
  query: (fields) => ({ query: fields }),
};
