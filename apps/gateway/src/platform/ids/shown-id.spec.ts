import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { expandId, readId, shortenId, showId, type IdPrefix } from './shown-id.js';

const prefixes: IdPrefix[] = ['ten', 'key', 'acc', 'con', 'msg', 'evt', 'inb', 'aud', 'wrk'];
const uuids = fc.uuid({ version: 7 });

describe('a shown id', () => {
  it('is read back as it was, under its own prefix only', () => {
    fc.assert(
      fc.property(
        uuids,
        fc.constantFrom(...prefixes),
        fc.constantFrom(...prefixes),
        (id, prefix, other) => {
          expect(showId(prefix, id)).toMatch(new RegExp(`^${prefix}_[0-9a-z]{26}$`));
          expect(readId(prefix, showId(prefix, id))).toBe(id);
          expect(readId(other, showId(prefix, id))).toBe(other === prefix ? id : null);
        },
      ),
    );
  });

  it('keeps the order of the ids', () => {
    fc.assert(
      fc.property(uuids, uuids, (a, b) => {
        expect(showId('msg', a) < showId('msg', b)).toBe(a < b);
      }),
    );
  });

  it('is null for any other text, and never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(readId('msg', text)).toBeNull();
        expect(readId('msg', `msg_${text}`)).toBeNull();
      }),
    );
    // One spelling for one id: no capitals, no letters outside the alphabet, no more than 128 bits.
    const shown = showId('msg', '01890a5d-ac96-774b-bcce-b302099a8057');
    for (const text of [
      shown.toUpperCase(),
      `msg_${shown.slice(4).toUpperCase()}`,
      `${shown} `,
      shown.replace(/.$/, 'u'),
      `msg_8${shown.slice(5)}`,
    ]) {
      expect(readId('msg', text)).toBeNull();
    }
  });
});

describe('the short form of an id', () => {
  it('is expanded to what it was', () => {
    fc.assert(
      fc.property(fc.uuid(), (id) => {
        expect(shortenId(id)).toHaveLength(22);
        expect(expandId(shortenId(id))).toBe(id);
      }),
    );
  });

  it('has one spelling: bits that nobody reads must be zero', () => {
    const short = shortenId('01890a5d-ac96-774b-bcce-b302099a8057');
    expect(short).toMatch(/Vw$/);
    for (const last of 'xyz01') expect(expandId(`${short.slice(0, -1)}${last}`)).toBeNull();
  });

  it('is null for any other text, and never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 21 }), (text) => {
        expect(expandId(text)).toBeNull();
      }),
    );
    expect(expandId('+'.repeat(22))).toBeNull();
    expect(expandId('A'.repeat(23))).toBeNull();
  });
});
