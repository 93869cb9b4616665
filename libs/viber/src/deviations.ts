import { LosslessNumber } from 'lossless-json';
import { asFields, presentable, readStatus, scalarText, type Fields } from './fields.js';
import type { Leniency } from './json.js';
import { providerStatuses, smsStatuses } from './statuses.js';

/** How something that came from the provider differs from the contract that is known. */
export type DeviationKind =
  /** Not quite JSON, read all the same: `comment`, `trailing_comma`, `byte_order_mark`. */
  | 'lenient_json'
  /** A member that nobody has documented, by its path. */
  | 'unknown_field'
  /** A status that nobody has documented, as it came. */
  | 'unknown_status'
  /** An error body whose code and status are none of the documented pairs. */
  | 'unknown_error'
  /** A known member with a value of another type, such as `message_id: string`. */
  | 'other_type'
  /** Another form altogether: no JSON, no object, a member that is missing, a form in place of JSON. */
  | 'other_shape'
  /** An HTTP status that the provider does not document. */
  | 'http_status';

/** One difference. The detail names it in at most 80 characters, digit by digit, and never quotes a text. */
export interface Deviation {
  readonly kind: DeviationKind;
  readonly detail: string;
}

/** What stands in a member. `id` fits a double exactly, `token` is as wide as it likes. */
type Expected = 'id' | 'token' | 'integer' | 'string' | 'status' | 'sms_status' | Contract;

/** The members of a body. */
export interface Contract {
  readonly required: Readonly<Record<string, Expected>>;
  readonly optional?: Readonly<Record<string, Expected>>;
}

export const sendAnswerContract: Contract = { required: { message_id: 'id' } };

/** Of the answer to a status request; a status callback is taken to look alike. */
export const statusContract: Contract = {
  required: { message_id: 'id', status: 'status' },
  optional: { sms_message_id: 'id', sms_message_status: 'sms_status' },
};

export const errorContract: Contract = {
  required: { name: 'string', message: 'string', code: 'integer', status: 'integer' },
};

export const inboundContract: Contract = {
  required: {
    message_token: 'token',
    phone_number: 'string',
    time: 'integer',
    message: { required: {}, optional: { text: 'string', tracking_data: 'string' } },
  },
};

const none: readonly Deviation[] = [];
/** A body with more of them is another one altogether. */
const most = 20;
const longestDetail = 80;

export function deviation(kind: DeviationKind, detail: string): Deviation {
  // Half a character would be a lone surrogate: cut first, then made presentable.
  return { kind, detail: presentable(detail.slice(0, longestDetail)) };
}

export function lenienciesAsDeviations(leniencies: readonly Leniency[]): readonly Deviation[] {
  return leniencies.length === 0
    ? none
    : leniencies.map((leniency) => deviation('lenient_json', leniency));
}

export interface MembersOptions {
  /** Forms and queries know texts only: the types of their members say nothing. @default true */
  readonly hasTypes?: boolean;
}

/** Compares the members of an object with the contract. */
export function deviationsOf(
  fields: Fields,
  contract: Contract,
  { hasTypes = true }: MembersOptions = {},
): readonly Deviation[] {
  const found: Deviation[] = [];
  compare(fields, contract, '', hasTypes, found);
  return found.length === 0 ? none : found.slice(0, most);
}

function compare(
  fields: Fields,
  contract: Contract,
  path: string,
  hasTypes: boolean,
  found: Deviation[],
): void {
  for (const name of Object.keys(contract.required)) {
    if (!Object.hasOwn(fields, name))
      found.push(deviation('other_shape', `${path}${name}: missing`));
  }
  for (const name of Object.keys(fields)) {
    if (found.length >= most) return;
    const expected = expectedOf(contract, name);
    if (expected === undefined) found.push(deviation('unknown_field', path + name));
    else compareMember(fields[name], expected, path + name, hasTypes, found);
  }
}

function expectedOf({ required, optional }: Contract, name: string): Expected | undefined {
  if (Object.hasOwn(required, name)) return required[name];
  return optional && Object.hasOwn(optional, name) ? optional[name] : undefined;
}

function compareMember(
  value: unknown,
  expected: Expected,
  path: string,
  hasTypes: boolean,
  found: Deviation[],
): void {
  if (typeof expected === 'object') {
    const members = asFields(value);
    if (members) compare(members, expected, `${path}.`, hasTypes, found);
    else found.push(deviation('other_type', `${path}: ${typeOf(value)}`));
    return;
  }
  if (hasTypes) {
    const type = typeOf(value);
    if (expected === 'string' ? type !== 'string' : type !== 'integer')
      found.push(deviation('other_type', `${path}: ${type}`));
    else if (expected === 'id' && !fitsDouble(value))
      found.push(deviation('other_type', `${path}: beyond 2^53`));
  }
  if (expected === 'status' || expected === 'sms_status')
    compareStatus(value, expected, path, found);
}

function compareStatus(
  value: unknown,
  expected: 'status' | 'sms_status',
  path: string,
  found: Deviation[],
): void {
  const documented: Readonly<Record<number, unknown>> =
    expected === 'status' ? providerStatuses : smsStatuses;
  const status = readStatus(value);
  const text = scalarText(value);
  if (status !== null ? Object.hasOwn(documented, status) : text === null) return;
  // A word may be a status; a sentence is somebody's.
  const shown = text !== null && /^[\w.-]{1,32}$/.test(text) ? text : '(text)';
  found.push(deviation('unknown_status', `${path}: ${shown}`));
}

/** Names of JSON's types, with whole numbers apart. */
function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (value instanceof LosslessNumber) {
    return /^-?\d+$/.test(value.value) ? 'integer' : 'fraction';
  }
  return Array.isArray(value) ? 'array' : typeof value;
}

function fitsDouble(value: unknown): boolean {
  const digits = scalarText(value) ?? '';
  return digits.length < 16 || Number.isSafeInteger(Number(digits));
}

/** The code and the status of each documented error. */
const documentedErrors: ReadonlySet<string> = new Set(['0/429', '1/400', '2/500', '3/402']);

export function errorDeviations(error: {
  readonly code: number | null;
  readonly status: number | null;
}): readonly Deviation[] {
  const { code, status } = error;
  return documentedErrors.has(`${code}/${status}`)
    ? none
    : [
        deviation(
          'unknown_error',
          `code ${code ?? 'unreadable'}, status ${status ?? 'unreadable'}`,
        ),
      ];
}

const documentedHttpStatuses: ReadonlySet<number> = new Set([200, 400, 402, 429, 500]);

export function httpStatusDeviations(httpStatus: number): readonly Deviation[] {
  return documentedHttpStatuses.has(httpStatus)
    ? none
    : [deviation('http_status', String(httpStatus))];
}

/** Without a copy where there is nothing to join, as is the rule. */
export function joined(...parts: readonly (readonly Deviation[])[]): readonly Deviation[] {
  const filled = parts.filter((part) => part.length > 0);
  return filled.length <= 1 ? (filled[0] ?? none) : filled.flat().slice(0, most);
}
