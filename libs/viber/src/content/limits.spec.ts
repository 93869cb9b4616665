import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { codePoints, fitsLength, fitsSms, textLength } from './limits.js';

describe('codePoints', () => {
  it('counts as the language does when it iterates, lone surrogates included', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.array(fc.nat(0xffff)), (text, units) => {
        const wild = text + String.fromCharCode(...units);
        expect(codePoints(wild)).toBe([...wild].length);
      }),
    );
    expect(codePoints('\ud83d\ud83d\udc4b\udc4b')).toBe(3);
  });
});

describe('fitsLength', () => {
  it('takes 1 to 1,000 code points of text, emoji counting one', () => {
    expect(fitsLength('', textLength)).toBe(false);
    expect(fitsLength('a', textLength)).toBe(true);
    expect(fitsLength('👋'.repeat(1_000), textLength)).toBe(true);
    expect(fitsLength('👋'.repeat(1_001), textLength)).toBe(false);
    expect(fitsLength(`${'👋'.repeat(999)}ab`, textLength)).toBe(false);
    expect(fitsLength('a'.repeat(1_001), textLength)).toBe(false);
  });
});

describe('fitsSms', () => {
  it.each([
    ['x'.repeat(160), true],
    ['x'.repeat(161), false],
    ['Ñü€'.repeat(40), true],
    ['€'.repeat(80), true],
    ['€'.repeat(81), false],
    ['ї'.repeat(70), true],
    ['ї'.repeat(71), false],
    [`${'x'.repeat(70)}ї`, false],
    ['👋'.repeat(35), true],
    ['👋'.repeat(36), false],
    ['', false],
  ])('counts by the alphabet: %s', (text, fits) => {
    expect(fitsSms(text)).toBe(fits);
  });
});
