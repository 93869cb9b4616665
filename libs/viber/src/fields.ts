import { LosslessNumber } from 'lossless-json';
import { statusNumber } from './statuses.js';

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

/** A status by its number, or by its documented name. */
export function readStatus(value: unknown): number | null {
  const number = readInteger(value);
  if (number !== null) return number;
  const text = scalarText(value);
  return text === null ? null : statusNumber(text);
}

/** A string, or a number as it was written. */
export function scalarText(value: unknown): string | null {
  if (typeof value === 'string') return value.trim();
  if (value instanceof LosslessNumber) return value.value;
  return null;
}

/** A text that any database takes: NUL and lone surrogates become U+FFFD. */
export function presentable(text: string): string {
  return text.replace(/\0|\p{Surrogate}/gu, '\uFFFD');
}
