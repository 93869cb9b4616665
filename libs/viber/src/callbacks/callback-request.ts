import { asFields, presentable, type Fields } from '../fields.js';
import { parseJson, type Leniency } from '../json.js';
import { readMultipart } from './multipart.js';

/** A callback as it came in. The provider does not document its form, so any usual one is read. */
export interface CallbackRequest {
  body?: Buffer | string | null;
  /** The Content-Type header; only a hint, what the body looks like decides. */
  contentType?: string | null;
  /** The URL's query, for callbacks that come as GET; read only where the body is empty. */
  query?: string | URLSearchParams | Readonly<Record<string, unknown>> | null;
}

export type UnreadableReason =
  | 'empty'
  | 'not_json_nor_form'
  | 'not_an_object'
  | 'neither_status_nor_inbound'
  | 'status_not_readable'
  | 'message_token_not_readable'
  | 'phone_number_not_readable';

/** Nothing that we understand. Keep the raw request: it may be evidence. */
export interface UnreadableCallback {
  readonly kind: 'unreadable';
  readonly reason: UnreadableReason;
}

export interface CallbackFields {
  readonly kind: 'fields';
  readonly fields: Fields;
  readonly leniencies: readonly Leniency[];
}

/** Reads a callback's members out of JSON, a form (urlencoded or multipart) or the query. */
export function readCallbackFields(request: CallbackRequest): CallbackFields | UnreadableCallback {
  const body =
    request.body == null
      ? ''
      : request.body
          .toString()
          .replace(/^\uFEFF/, '')
          .trim();
  if (body === '') return fromQuery(request.query);

  // The look of the body counts more than its type: JSON under a form's type is a usual mistake.
  if (/^[[{/"]/.test(body)) {
    const parsed = parseJson(body);
    if (!parsed) return unreadable('not_json_nor_form');
    const fields = asFields(parsed.value);
    return fields
      ? { kind: 'fields', fields, leniencies: parsed.leniencies }
      : unreadable('not_an_object');
  }
  if (body.startsWith('--')) {
    const parts = readMultipart(body);
    return parts ? fromForm(parts) : unreadable('not_json_nor_form');
  }
  return body.includes('=') && !/multipart/i.test(request.contentType ?? '')
    ? fromForm(new URLSearchParams(body))
    : unreadable('not_json_nor_form');
}

export function unreadable(reason: UnreadableReason): UnreadableCallback {
  return { kind: 'unreadable', reason };
}

/** A text as any database takes it, or null for what is no text. */
export function readText(value: unknown): string | null {
  return typeof value === 'string' ? presentable(value) : null;
}

function fromQuery(query: CallbackRequest['query']): CallbackFields | UnreadableCallback {
  if (query == null) return unreadable('empty');
  if (typeof query === 'string' || query instanceof URLSearchParams) {
    return fromForm(new URLSearchParams(query));
  }
  const single = Object.entries(query).filter((entry): entry is [string, string] => {
    return typeof entry[1] === 'string';
  });
  return fromForm(new URLSearchParams(single));
}

/** `a=1&b[c]=2` becomes `{a: '1', b: {c: '2'}}`, as PHP writes nested members. */
function fromForm(form: Iterable<[string, string]>): CallbackFields | UnreadableCallback {
  const fields: Record<string, unknown> = Object.create(null);
  for (const [name, value] of form) {
    const [, outer, inner] = /^([^[\]]+)\[([^[\]]+)\]$/.exec(name) ?? [];
    if (outer === undefined || inner === undefined) {
      fields[name] = value;
    } else {
      const nested = (asFields(fields[outer]) ?? Object.create(null)) as Record<string, unknown>;
      nested[inner] = value;
      fields[outer] = nested;
    }
  }
  return Object.keys(fields).length === 0
    ? unreadable('empty')
    : { kind: 'fields', fields, leniencies: [] };
}
