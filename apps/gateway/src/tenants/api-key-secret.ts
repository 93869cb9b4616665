import { randomBytes } from 'node:crypto';
import { apiKeyForm } from '../platform/config/index.js';
import { sha256 } from '../platform/crypto/index.js';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 62^43 > 2^256. */
const secretLength = 43;
const prefixLength = 12;

export interface ReadApiKey {
  /** Finds the key; shown in lists, no secret. */
  readonly prefix: string;
  /** SHA-256 of the whole text: all that is ever stored. 256 random bits need no slow hash. */
  readonly hash: Buffer;
}

/** The parts of a presented key; null where the text has not the form of one. */
export function readApiKey(text: string): ReadApiKey | null {
  const match = apiKeyForm.exec(text);
  return match === null ? null : { prefix: match[1] as string, hash: sha256(text) };
}

/** A new key, `tyr_live_<prefix>_<256 random bits>`. Letters and digits only, so that a double click takes it whole. */
export function makeApiKey(): string {
  const prefix = base62(randomBytes(16), prefixLength);
  return `tyr_live_${prefix}_${base62(randomBytes(32), secretLength)}`;
}

/** The last `length` digits of the number to base 62. */
function base62(bytes: Buffer, length: number): string {
  let rest = BigInt(`0x${bytes.toString('hex')}`);
  let text = '';
  while (text.length < length) {
    text = alphabet.charAt(Number(rest % 62n)) + text;
    rest /= 62n;
  }
  return text;
}
