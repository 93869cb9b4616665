import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readRecipient, showRecipient } from './recipient.js';

describe('a recipient', () => {
  it.each([
    '+380671234567',
    '00380671234567',
    '380671234567',
    ' +380 67 123-45-67 ',
    '+380 (67) 123.45.67',
    '+380\u00a067\u2011123\u20114567',
    '00 380 67 1234567',
    380671234567,
  ])('is understood as %p', (given) => {
    expect(readRecipient(given)).toBe('380671234567');
  });

  it.each([
    ['national, with a leading zero', '0671234567'],
    ['too short', '+123456'],
    ['too long', '+1234567890123456'],
    ['no country code begins with zero', '+0380671234567'],
    ['a trunk zero', '+44 (0)20 7946 0958'],
    ['letters', '+38067CALLNOW'],
    ['a plus within', '380+671234567'],
    ['two of them', '+380671234567,+380671234568'],
    ['digits of another script', '+٣٨٠٦٧١٢٣٤٥٦٧'],
    ['empty', ''],
    ['only a plus', '+'],
    ['a fraction', 380671234567.5],
    ['negative', -380671234567],
    ['beyond exact integers', 2 ** 60],
    ['no number at all', { number: '+380671234567' }],
    ['null', null],
  ])('is refused: %s', (_reason, given) => {
    expect(readRecipient(given)).toBeNull();
  });

  it('reads what it shows, and what it reads never changes again', () => {
    const digits = fc.stringMatching(/^[1-9][0-9]{6,14}$/);
    fc.assert(
      fc.property(digits, (number) => {
        expect(readRecipient(showRecipient(number))).toBe(number);
        expect(readRecipient(`00${number}`)).toBe(number);
      }),
    );
  });

  it('takes separators anywhere without changing a digit', () => {
    const separated = fc
      .array(
        fc.tuple(fc.integer({ min: 1, max: 9 }), fc.constantFrom('', ' ', '-', '.', '\u00a0')),
        {
          minLength: 7,
          maxLength: 15,
        },
      )
      .map((parts) => ({
        text: parts.map(([digit, separator]) => `${digit}${separator}`).join(''),
        digits: parts.map(([digit]) => digit).join(''),
      }));
    fc.assert(
      fc.property(separated, ({ text, digits }) => {
        expect(readRecipient(`+${text}`)).toBe(digits);
      }),
    );
  });
});
