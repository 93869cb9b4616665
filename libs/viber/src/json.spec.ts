import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LosslessNumber, stringify } from 'lossless-json';
import { parseJson } from './json.js';

describe('parseJson', () => {
  it('reads every JSON text as JSON.parse does, needing no leniency', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const parsed = parseJson(text);
        expect(parsed?.leniencies).toEqual([]);
        expect(JSON.parse(stringify(parsed?.value)!)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('reads the same value through comments and trailing commas', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const strict = JSON.stringify({ value, end: [1] }, null, 1);
        const loose = `// first\n${strict.replace(/(\n *)\]\n\}$/, ', /* ] */$1]\n,}')}`;
        const parsed = parseJson(loose);
        expect(parsed?.leniencies).toEqual(['comment', 'trailing_comma']);
        expect(parsed?.value).toEqual(parseJson(strict)?.value);
      }),
    );
  });

  it('keeps digits and comment marks inside strings, and all digits of numbers', () => {
    expect(parseJson('{"url":"http://a/*b*/,]","id":12345678901234567890,}')).toEqual({
      value: { url: 'http://a/*b*/,]', id: new LosslessNumber('12345678901234567890') },
      leniencies: ['trailing_comma'],
    });
  });

  it.each([
    '',
    '{',
    '{"a":1',
    '{"a":1} /*',
    '{"a":1,"a":2}',
    '{"a":1,,}',
    '[,]',
    '{a:1}',
    "{'a':1}",
    '1/**/2',
    '{"a":"b',
  ])('repairs nothing else: %s', (text) => expect(parseJson(text)).toBeNull());
});
