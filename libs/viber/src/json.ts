import { createScanner } from 'jsonc-parser';
import { parse } from 'lossless-json';

/** Ways in which a text was not quite JSON and could be read all the same. */
export type Leniency = 'comment' | 'trailing_comma' | 'byte_order_mark';

export interface ParsedJson {
  /** Numbers are `LosslessNumber`, so that no digit of an id is lost. */
  value: unknown;
  leniencies: readonly Leniency[];
}

const none: readonly Leniency[] = [];

/**
 * Parses JSON without losing a digit: strictly first, then as the provider documents it, with comments
 * and trailing commas. A text that is cut off, or that gives one key two values, is not repaired.
 *
 * @returns null where the text cannot be read.
 */
export function parseJson(text: string): ParsedJson | null {
  try {
    return { value: parse(text), leniencies: none };
  } catch {
    return parseLeniently(text);
  }
}

function parseLeniently(text: string): ParsedJson | null {
  const leniencies = new Set<Leniency>();
  const hasMark = text.startsWith('\uFEFF');
  if (hasMark) leniencies.add('byte_order_mark');
  try {
    const strict = tidy(hasMark ? text.slice(1) : text, leniencies);
    return leniencies.size === 0 ? null : { value: parse(strict), leniencies: [...leniencies] };
  } catch {
    // Not JSON, or nested so deep that the parser's stack ran out.
    return null;
  }
}

/** Copies a text token by token and leaves out what strict JSON does not know; numbers stay as written. */
function tidy(text: string, leniencies: Set<Leniency>): string {
  const scanner = createScanner(text);
  let strict = '';
  let last = '';
  let heldComma = '';
  for (scanner.scan(); scanner.getTokenOffset() < text.length; scanner.scan()) {
    const tokenError: number = scanner.getTokenError();
    if (tokenError !== 0) throw new SyntaxError('broken token');
    const start = scanner.getTokenOffset();
    const token = text.slice(start, start + scanner.getTokenLength());
    if (token.startsWith('//') || token.startsWith('/*')) {
      leniencies.add('comment');
    } else if (token.trim() === '') {
      continue;
    } else if (token === ',') {
      strict += heldComma;
      last = heldComma || last;
      heldComma = ',';
    } else {
      const closes = token === '}' || token === ']';
      const isTrailing = closes && heldComma !== '' && !'[{,'.includes(last);
      if (isTrailing) leniencies.add('trailing_comma');
      strict += isTrailing ? token : `${heldComma} ${token}`;
      last = token;
      heldComma = '';
    }
  }
  return strict + heldComma;
}
