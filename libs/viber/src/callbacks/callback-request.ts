import { asFields, presentable, type Fields } from '../fields.js';
import {
  deviation,
  deviationsOf,
  joined,
  lenienciesAsDeviations,
  type Contract,
  type Deviation,
} from '../deviations.js';
import { parseJson } from '../json.js';
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
  readonly deviations: readonly Deviation[];
}

export interface CallbackFields {
  readonly kind: 'fields';
  readonly fields: Fields;
  /** False for a form or a query, whose members are all texts. */
  readonly hasTypes: boolean;
  /** Of the form as a whole; those of its members follow from the kind of callback. */
  readonly deviations: readonly Deviation[];
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
      ? {
          kind: 'fields',
          fields,
          hasTypes: true,
          deviations: lenienciesAsDeviations(parsed.leniencies),
        }
      : unreadable('not_an_object');
  }
  if (body.startsWith('--')) {
    const parts = readMultipart(body);
    return parts ? fromForm(parts, 'multipart') : unreadable('not_json_nor_form');
  }
  return body.includes('=') && !/multipart/i.test(request.contentType ?? '')
    ? fromForm(new URLSearchParams(body), 'form')
    : unreadable('not_json_nor_form');
}

/** @param deviations what is known of it beyond the reason */
export function unreadable(
  reason: UnreadableReason,
  deviations: readonly Deviation[] = [],
): UnreadableCallback {
  return {
    kind: 'unreadable',
    reason,
    deviations: joined([deviation('other_shape', reason)], deviations),
  };
}

/** All differences between a callback and the contract of its kind. */
export function callbackDeviations(
  { fields, hasTypes, deviations }: CallbackFields,
  contract: Contract,
): readonly Deviation[] {
  return joined(deviations, deviationsOf(fields, contract, { hasTypes }));
}

/** A text as any database takes it, or null for what is no text. */
export function readText(value: unknown): string | null {
  return typeof value === 'string' ? presentable(value) : null;
}

function fromQuery(query: CallbackRequest['query']): CallbackFields | UnreadableCallback {
  if (query == null) return unreadable('empty');
  if (typeof query === 'string' || query instanceof URLSearchParams) {
    return fromForm(new URLSearchParams(query), 'query');
  }
  const single = Object.entries(query).filter((entry): entry is [string, string] => {
    return typeof entry[1] === 'string';
  });
  return fromForm(new URLSearchParams(single), 'query');
}

/** `a=1&b[c]=2` becomes `{a: '1', b: {c: '2'}}`, as PHP writes nested members. */
function fromForm(
  form: Iterable<[string, string]>,
  shape: 'form' | 'multipart' | 'query',
): CallbackFields | UnreadableCallback {
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
    : {
        kind: 'fields',
        fields,
        hasTypes: false,
        deviations: [deviation('other_shape', shape)],
      };
}
