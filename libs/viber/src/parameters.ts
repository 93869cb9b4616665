import { isUtf8 } from 'node:buffer';
import { LosslessNumber } from 'lossless-json';
import { readCallbackFields } from './callbacks/callback-request.js';

/** A call's parameters by their names: texts, and numbers digit by digit. Null: neither, such as a list. */
export type Parameters = ReadonlyMap<string, string | null>;

/**
 * Reads the body of a call as the provider's clients write it: JSON, urlencoded or multipart. Its look tells which, as one
 * of them declares text/plain and others nothing at all. Members that are null are left out. What is no UTF-8 is taken for
 * Latin-1: one client writes the low byte of each character.
 *
 * @returns null where the body cannot be read.
 */
export function readParameters(body: Buffer): Parameters | null {
  const text = body.toString(isUtf8(body) ? 'utf8' : 'latin1');
  const read = readCallbackFields({ body: text });
  if (read.kind === 'unreadable') return null;
  const parameters = new Map<string, string | null>();
  for (const [name, value] of Object.entries(read.fields)) {
    if (value !== null && value !== undefined) parameters.set(name, textOf(value));
  }
  return parameters;
}

function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return value instanceof LosslessNumber ? value.value : null;
}
