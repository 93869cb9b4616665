import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidCursor } from '../tenants/index.js';
import { readCursor, writeCursor } from './cursor.js';

const id = '0190a5b0-0000-7000-8000-00000000000a';
const filters = { status: ['sent'], recipient: '380671234567' };

function encoded(content: unknown): string {
  return Buffer.from(JSON.stringify(content)).toString('base64url');
}

describe('a cursor', () => {
  it('leads back to the id that it was made from', () => {
    fc.assert(
      fc.property(fc.uuid(), (before) => {
        expect(readCursor('messages', filters, writeCursor('messages', filters, before))).toBe(
          before,
        );
      }),
    );
  });

  it('does not care in which order the filters were given', () => {
    const cursor = writeCursor('messages', { a: 1, b: 2 }, id);
    expect(readCursor('messages', { b: 2, a: 1 }, cursor)).toBe(id);
  });

  it('fits its own list and filters only', () => {
    const cursor = writeCursor('messages', filters, id);
    expect(() => readCursor('messages', { ...filters, sender: 'Shop' }, cursor)).toThrow(
      InvalidCursor,
    );
    expect(() => readCursor('inbound_messages', filters, cursor)).toThrow(InvalidCursor);
  });

  it('is refused when it is of another version', () => {
    const content = JSON.parse(
      Buffer.from(writeCursor('messages', {}, id), 'base64url').toString(),
    ) as object;
    expect(readCursor('messages', {}, encoded(content))).toBe(id);
    expect(() => readCursor('messages', {}, encoded({ ...content, v: 2 }))).toThrow(InvalidCursor);
  });

  it('is refused, and nothing else happens, when it is anything else', () => {
    const anything = fc.oneof(fc.string(), fc.jsonValue().map(encoded));
    fc.assert(
      fc.property(anything, (cursor) => {
        expect(() => readCursor('messages', {}, cursor)).toThrow(InvalidCursor);
      }),
    );
    const mark = JSON.parse(
      Buffer.from(writeCursor('messages', {}, id), 'base64url').toString(),
    ) as { f: string };
    for (const b of [7, null, 'short', id, '../../../../../../etc']) {
      expect(() => readCursor('messages', {}, encoded({ v: 1, b, f: mark.f }))).toThrow(
        InvalidCursor,
      );
    }
  });
});
