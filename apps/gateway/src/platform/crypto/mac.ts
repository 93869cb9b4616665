import { createHmac } from 'node:crypto';
import { equalInConstantTime } from './digest.js';

/** 128 bits: too many to guess online, and 22 characters in a URL. */
const MAC_BYTES = 16;

/** Short macs that show that an address was made by us, such as that of a callback. */
export class Mac {
  constructor(private readonly secret: Buffer) {}

  /** @returns 22 characters of base64url */
  sign(purpose: string, parts: readonly string[]): string {
    const hmac = createHmac('sha256', this.secret);
    // With its length before each part, no two lists of parts read alike.
    for (const part of [purpose, ...parts]) hmac.update(`${part.length}:${part}`);
    return hmac.digest().subarray(0, MAC_BYTES).toString('base64url');
  }

  verify(purpose: string, parts: readonly string[], mac: string): boolean {
    return equalInConstantTime(mac, this.sign(purpose, parts));
  }
}
