import { describe, expect, it } from '@jest/globals';
import { allDefaultStopWords, defaultStopWords } from './default-stop-words.js';
import { foldedWord, stopWordIn } from './stop-word.js';

describe('a stop word', () => {
  it.each([
    'stop',
    ' Stop. ',
    '«СТОП!»',
    'Відписатися…',
    'WYPISZ   MNIE',
    'dezabonează',
    'OPREŞTE!',
    'Darme\nde baja',
    'Тоқтату',
    'Отписаться 🙏🏽',
    'S.T.O.P ❗️',
    'opt-out',
  ])('is the whole reply, whatever its case and punctuation: %j', (text) => {
    expect(stopWordIn(text, allDefaultStopWords)).not.toBeNull();
  });

  it.each([
    null,
    '',
    '!?',
    'please do not stop',
    'stop it',
    'bus stop',
    'нонстоп',
    'cancel',
    `stop${'!'.repeat(500)}`,
  ])('is not %j', (text) => {
    expect(stopWordIn(text, allDefaultStopWords)).toBeNull();
  });

  it('is told in the tenant’s own spelling', () => {
    expect(stopWordIn('genug', ['Ruhe!', 'Genug.'])).toBe('Genug.');
    expect(stopWordIn('stop', [])).toBeNull();
  });

  it('is composed alike: an accent by itself counts as the letter that carries it', () => {
    expect(foldedWord('ma\u0306 dezabonez')).toBe(foldedWord('mă dezabonez'));
    expect(foldedWord('Straße')).toBe(foldedWord('STRASSE'));
  });

  it('has defaults for seven languages, each of which can be met', () => {
    expect(Object.keys(defaultStopWords).sort()).toEqual([
      'en',
      'es',
      'kk',
      'pl',
      'ro',
      'ru',
      'uk',
    ]);
    for (const word of allDefaultStopWords)
      expect(foldedWord(stopWordIn(word, allDefaultStopWords) ?? '')).toBe(foldedWord(word));
  });
});
