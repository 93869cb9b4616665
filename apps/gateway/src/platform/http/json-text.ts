import { pointerTo } from './json-pointer.js';

/** What can only be seen in the text of a JSON value. Each function takes text that JSON.parse took. */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;

export const TOO_DEEP = -1;

/** How many members all objects have together, repeated ones included; TOO_DEEP beyond the depth. */
export function countMembers(text: string, maximumDepth: number): number {
  let members = 0;
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    switch (text.charCodeAt(index)) {
      case QUOTE:
        index = endOfString(text, index);
        break;
      case COLON:
        members++;
        break;
      case OPENING_BRACE:
      case OPENING_BRACKET:
        if (++depth > maximumDepth) return TOO_DEEP;
        break;
      case CLOSING_BRACE:
      case CLOSING_BRACKET:
        depth--;
        break;
    }
  }
  return members;
}

interface Frame {
  readonly pointer: string;
  /** null in an array. */
  readonly keys: Set<string> | null;
  /** The key or the index that is being read. */
  at: string | number;
}

/** The place of the first key that stands twice in its object; the whole value when none does. */
export function findDuplicateKey(text: string): string {
  const open: Frame[] = [];
  let expectsKey = false;
  for (let index = 0; index < text.length; index++) {
    const frame = open.at(-1);
    switch (text.charCodeAt(index)) {
      case QUOTE: {
        const end = endOfString(text, index);
        if (expectsKey && frame?.keys) {
          // Compared as read: "a" and "\u0061" are one key.
          const key = JSON.parse(text.slice(index, end + 1)) as string;
          if (frame.keys.has(key)) return pointerTo(frame.pointer, key);
          frame.keys.add(key);
          frame.at = key;
          expectsKey = false;
        }
        index = end;
        break;
      }
      case COMMA:
        if (frame?.keys) expectsKey = true;
        else if (frame !== undefined) frame.at = Number(frame.at) + 1;
        break;
      case OPENING_BRACE:
      case OPENING_BRACKET: {
        const isObject = text.charCodeAt(index) === OPENING_BRACE;
        const pointer = frame === undefined ? '' : pointerTo(frame.pointer, frame.at);
        open.push({ pointer, keys: isObject ? new Set() : null, at: 0 });
        expectsKey = isObject;
        break;
      }
      case CLOSING_BRACE:
      case CLOSING_BRACKET:
        open.pop();
        expectsKey = false;
        break;
    }
  }
  return '';
}

/** Index of the quote that ends the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end;
}

function isEscaped(text: string, index: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(index - 1 - backslashes) === BACKSLASH) backslashes++;
  return backslashes % 2 === 1;
}
