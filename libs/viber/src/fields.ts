import { LosslessNumber } from 'lossless-json';

/** The members of an object that came from outside; only its own keys are ever read. */
export type Fields = Readonly<Record<string, unknown>>;

/** An object's members, or null for anything that is not an object. */
export function asFields(value: unknown): Fields | null {
  const isObject = typeof value === 'object' && value !== null;
  return isObject && !Array.isArray(value) && !(value instanceof LosslessNumber)
    ? (value as Fields)
    : null;
}

/** A member's value; undefined where the object has no such key of its own. */
export function field(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/**
 * An id as text, digit by digit, from a number or a string of digits. At most 32 digits.
 * Zero is nobody's id.
 */
export function readId(value: unknown): string | null {
  const text = scalarText(value);
  return text !== null && /^\d{1,32}$/.test(text) && /[1-9]/.test(text) ? text : null;
}

/** A small integer from a number or a string of digits. */
export function readInteger(value: unknown): number | null {
  const text = scalarText(value);
  return text !== null && /^-?\d{1,9}$/.test(text) ? Number(text) : null;
}

/** A string, or a number as it was written. */
export function scalarText(value: unknown): string | null {
  if (typeof value === 'string') return value.trim();
  if (value instanceof LosslessNumber) return value.value;
  return null;
}

const noNames: readonly string[] = [];
const maxNames = 20;

/** Names of members that nobody has documented, at most twenty. Names only: values may be personal. */
export function namesBeyond(fields: Fields, known: ReadonlySet<string>): readonly string[] {
  let names: string[] | undefined;
  for (const name of Object.keys(fields)) {
    if (known.has(name)) continue;
    names ??= [];
    names.push(presentable(name).slice(0, 64));
    if (names.length === maxNames) break;
  }
  return names ?? noNames;
}

/** A text that any database takes: NUL and lone surrogates become U+FFFD. */
export function presentable(text: string): string {
  return text.replace(/\0|\p{Surrogate}/gu, '\uFFFD');
}
