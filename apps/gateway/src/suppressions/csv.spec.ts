import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CsvNotReadable, readCsv, writeCsvRow } from './csv.js';

const fieldsOf = (text: string) => readCsv(text).map(({ fields }) => fields);

describe('readCsv', () => {
  it.each<[string, readonly (readonly string[])[]]>([
    ['', []],
    ['a', [['a']]],
    [
      'a,b\r\nc,d\r\n',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'a;b\nc;"d;e"\n',
      [
        ['a', 'b'],
        ['c', 'd;e'],
      ],
    ],
    ['\ufeffa,b', [['a', 'b']]],
    [
      'a,\n\n\r\n,b',
      [
        ['a', ''],
        ['', 'b'],
      ],
    ],
    ['"a ""b"",\nc",d', [['a "b",\nc', 'd']]],
  ])('reads %j', (text, rows) => {
    expect(fieldsOf(text)).toEqual(rows);
  });

  it('tells the line on which a row starts, however many lines the rows before had', () => {
    expect(readCsv('a\r\n"b\n\rc"\rd').map(({ line }) => line)).toEqual([1, 2, 5]);
  });

  it.each([
    ['a\n"b', 2],
    ['"a"b', 1],
  ])('refuses %j with its line', (text, line) => {
    expect(() => readCsv(text)).toThrow(CsvNotReadable);
    expect(() => readCsv(text)).toThrow(expect.objectContaining({ line }));
  });

  it('reads back what was written', () => {
    const row = fc.array(fc.string({ unit: 'grapheme' }), { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1 }), (rows) => {
        // As in a file with a header, whose commas tell what separates.
        const text = ['a,b\r\n', ...rows.map((fields) => writeCsvRow(fields))].join('');
        expect(fieldsOf(text).slice(1)).toEqual(rows);
      }),
    );
  });
});
