/**
 * Everything that is logged passes through here. Secrets, texts and phone numbers are recognised
 * twice: by the name of the field and by their shape inside of any string.
 */

export const MASKED = '[masked]';

/** Deeper values are not worth a log line, and may be cyclic. */
const MAXIMUM_DEPTH = 6;
const MAXIMUM_ENTRIES = 100;
/** A whole number of ten digits or more could be a phone number: log times as text. */
const SMALLEST_MASKED_NUMBER = 1_000_000_000;

/** Names of fields whose texts are never shown, compared without case, `_` and `-`. */
const secretFields = new Set(
  [
    'authorization proxyauthorization cookie setcookie password passwd pwd',
    'secret signingsecret token admintoken accesstoken mac signature',
    'apikey providerkey masterkey datakey privatekey xapikey credential',
    'recipient destinationaddr phone phonenumber msisdn',
    'text textsms fallbacksmstext body rawbody trackingdata callbackurl',
    'parameters query',
  ].flatMap((names) => names.split(' ')),
);

// Ids come first, so that their digits are not taken for a phone number.
const shapes = new RegExp(
  [
    '(\\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\\b|\\b[a-z]{2,6}_[0-9a-hjkmnp-tv-z]{26}\\b)',
    '(?<=\\btyr_[a-z]{1,10}_)[\\w-]+',
    '(?<=\\b(?:Bearer|Basic)\\s{1,3}|/callbacks/)\\S+',
    '(?<=://[^\\s/:@]{0,100}:)[^\\s/]+(?=@)',
    // A value of the vault: version, key id and four parts.
    '\\bv\\d\\.[\\w-]{1,32}(?:\\.[\\w-]+){4}',
    // With its plus a number may hold separators; without it dates would look alike.
    '\\+\\d(?:[ ().-]{0,2}\\d){6,}',
    '\\d{7,}',
  ].join('|'),
  'gi',
);

/** Takes out of a text whatever looks like a secret or a phone number. */
export function maskText(text: string): string {
  return text.replace(shapes, (_match, id: string | undefined) => id ?? MASKED);
}

/** A copy of the bindings that may be logged. */
export function maskBindings(bindings: object): Record<string, unknown> {
  if (bindings instanceof Error) return { err: maskError(bindings, 0) };
  return maskMembers(bindings, 0);
}

function maskMembers(value: object, depth: number): Record<string, unknown> {
  const masked: Record<string, unknown> = {};
  let entries = 0;
  for (const [key, member] of Object.entries(value)) {
    if (++entries > MAXIMUM_ENTRIES) break;
    const field = fieldOf(key);
    masked[field.shownAs] = field.isSecret ? maskSecret(member) : mask(member, depth + 1);
  }
  return masked;
}

interface Field {
  readonly shownAs: string;
  readonly isSecret: boolean;
}

/** Names come from our own code and are few; the bound is for keys that a stranger could choose. */
const MAXIMUM_KNOWN_FIELDS = 1_000;
const knownFields = new Map<string, Field>();

function fieldOf(key: string): Field {
  const known = knownFields.get(key);
  if (known !== undefined) return known;
  const field = {
    shownAs: maskText(key),
    isSecret: secretFields.has(key.toLowerCase().replace(/[_-]/g, '')),
  };
  if (knownFields.size < MAXIMUM_KNOWN_FIELDS) knownFields.set(key, field);
  return field;
}

/** Small numbers stay, as a fencing token is no secret; what is null stays visibly null. */
function maskSecret(value: unknown): unknown {
  if (value === null || value === undefined || typeof value === 'boolean') return value;
  return typeof value === 'number' ? mask(value, 0) : MASKED;
}

function mask(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return maskText(value);
  if (typeof value === 'object') return maskObject(value, depth);
  if (typeof value === 'number') return isTelling(value) ? MASKED : value;
  if (typeof value === 'bigint') return maskText(String(value));
  return typeof value === 'function' || typeof value === 'symbol' ? `[${typeof value}]` : value;
}

function isTelling(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) >= SMALLEST_MASKED_NUMBER;
}

function maskObject(value: object | null, depth: number): unknown {
  if (value === null) return null;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Error) return maskError(value, depth);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (depth >= MAXIMUM_DEPTH) return '[too deep]';
  if (value instanceof Set) return maskObject([...value], depth);
  if (value instanceof Map) return maskMembers(Object.fromEntries(value), depth);
  if (Array.isArray(value)) {
    return value.slice(0, MAXIMUM_ENTRIES).map((entry) => mask(entry, depth + 1));
  }
  return maskMembers(value, depth);
}

/**
 * Only what is listed here: errors of the database carry whole rows in `detail`, `where` and
 * `parameters`.
 */
function maskError(error: Error, depth: number): Record<string, unknown> {
  const { code, constraint, cause } = error as {
    code?: unknown;
    constraint?: unknown;
    cause?: unknown;
  };
  const { errors } = error as Partial<AggregateError>;
  return {
    type: error.constructor?.name ?? error.name,
    message: maskText(error.message),
    ...(typeof error.stack === 'string' && { stack: maskText(error.stack) }),
    ...(isShortCode(code) && { code }),
    ...(typeof constraint === 'string' && { constraint: maskText(constraint) }),
    ...(Array.isArray(errors) && depth < MAXIMUM_DEPTH && { errors: mask(errors, depth + 1) }),
    ...(cause !== undefined && depth < MAXIMUM_DEPTH && { cause: mask(cause, depth + 1) }),
  };
}

function isShortCode(code: unknown): boolean {
  return typeof code === 'number'
    ? !isTelling(code)
    : typeof code === 'string' && /^[A-Za-z0-9_]{1,60}$/.test(code) && maskText(code) === code;
}
