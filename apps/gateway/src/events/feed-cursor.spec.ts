import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidCursor } from '../tenants/index.js';
import { readFeedCursor, writeFeedCursor } from './feed-cursor.js';

const tenant = '0190aaaa-0000-7000-8000-000000000001';
const other = '0190aaaa-0000-7000-8000-000000000002';

describe('the cursor of the feed', () => {
  it('is read back as it was, by its own tenant only', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.option(fc.uuid({ version: 7 })), (position, eventId) => {
        const cursor = writeFeedCursor(tenant, { position, eventId });
        expect(cursor).toMatch(/^[\w-]{1,200}$/);
        expect(readFeedCursor(tenant, cursor)).toEqual({ position, eventId });
        expect(() => readFeedCursor(other, cursor)).toThrow(InvalidCursor);
      }),
    );
  });

  it('is refused where it is none, whatever stands in it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.json().map(toBase64)), (text) => {
        expect(() => readFeedCursor(tenant, text)).toThrow(InvalidCursor);
      }),
    );
  });
});

function toBase64(text: string): string {
  return Buffer.from(text).toString('base64url');
}
