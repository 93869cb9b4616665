import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AppError } from '../errors/index.js';
import { parseStrictJson } from './strict-json.js';

const options = { maximumDepth: 16 };

function refusalOf(body: string | Buffer) {
  try {
    parseStrictJson(Buffer.from(body as string), options);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return {
      code: error.code,
      pointer: error.toProblem().errors?.[0]?.pointer,
      detail: error.detail,
    };
  }
  return null;
}

describe('parseStrictJson', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 8, noUnicodeString: false }), (text) => {
        fc.pre(!/\d{16}|\de\+?\d\d|\\u|__proto__|constructor/i.test(text));
        expect(parseStrictJson(Buffer.from(text), options)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('finds any one key that is repeated, wherever it stands', () => {
    const tree = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 4 }, fc.string(), fc.integer(), tie('array'), tie('object')),
      array: fc.array(tie('value'), { maxLength: 4 }),
      object: fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: true }),
    }));
    fc.assert(
      fc.property(tree.object, fc.nat(), (value, choice) => {
        fc.pre(!/__proto__|constructor|\\u/.test(JSON.stringify(value)));
        const text = JSON.stringify(value);
        expect(refusalOf(text)).toBeNull();
        const keys = [...text.matchAll(/[{,]("(?:[^"\\]|\\.)*"):/g)];
        fc.pre(keys.length > 0);
        const [, key] = keys[choice % keys.length]!;
        const at = text.indexOf(`${key}:`);
        fc.pre(/[{,]/.test(text[at - 1]!));
        const doubled = `${text.slice(0, at)}${key}:0,${text.slice(at)}`;
        expect(refusalOf(doubled)?.code).toBe('duplicate_json_key');
      }),
    );
  });

  it.each([
    ['{"a":1,"a":1}', '/a'],
    ['{"a":{"b":[0,{"c":1,"c":2}]}}', '/a/b/1/c'],
    ['{"a":1,"\\u0061":2}', '/a'],
    ['{"a/b~":1,"a/b~":2}', '/a~1b~0'],
    ['[[],{"x":"}{\\"x\\":1"},{"":0,"":1}]', '/2/'],
    ['{"a":"\\\\","b":1,"b":2}', '/b'],
    ['{"__proto__":1,"__proto__":2}', '/__proto__'],
  ])('points to the repeated key in %s', (text, pointer) => {
    const code = text.includes('__proto__') ? 'invalid_request' : 'duplicate_json_key';
    expect(refusalOf(text)).toMatchObject({ code, pointer });
  });

  it.each([
    ['{"a":"x\\u0000y"}', '/a'],
    ['{"a":["ok","\\ud83d"]}', '/a/1'],
    ['{"a":"\\ude00\\ud83d"}', '/a'],
    ['{"a\\u0000":1}', '/a\0'],
    ['{"\\ud83d":1}', '/\ufffd'],
    ['"\\u0000"', ''],
  ])('refuses what cannot be stored in %s', (text, pointer) => {
    expect(refusalOf(text)).toMatchObject({ code: 'invalid_characters', pointer });
  });

  it('takes whole surrogate pairs, escaped or not', () => {
    expect(parseStrictJson(Buffer.from('["😀","\\ud83d\\ude00"]'), options)).toEqual(['😀', '😀']);
  });

  it.each([
    ['{"id":9007199254740992}', '/id'],
    ['{"id":[0,-9007199254740993]}', '/id/1'],
    ['{"a":1e999}', '/a'],
    ['1e300', ''],
  ])('refuses a number that loses digits in %s', (text, pointer) => {
    expect(refusalOf(text)).toMatchObject({ code: 'number_not_exact', pointer });
  });

  it.each(['9007199254740991', '{"a":0.1}', '{"a":-1.5e3}', '380501234567'])(
    'takes the number in %s',
    (text) => {
      expect(refusalOf(text)).toBeNull();
    },
  );

  it.each(['__proto__', 'constructor', '\\u005f_proto__'])('refuses the key %s', (key) => {
    expect(refusalOf(`{"a":{"${key}":{"isAdmin":true}}}`)).toMatchObject({
      code: 'invalid_request',
      pointer: expect.stringMatching(/^\/a\/(__proto__|constructor)$/),
    });
  });

  it('counts depth, not brackets within texts', () => {
    const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    expect(refusalOf(deep(16))).toBeNull();
    expect(refusalOf(deep(17))).toMatchObject({ code: 'json_too_deep' });
    expect(refusalOf(deep(200_000))).toMatchObject({ code: 'json_too_deep' });
    expect(refusalOf(`{"a":"${deep(100)}"}`)).toBeNull();
  });

  it.each([
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['a raw surrogate', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ['an overlong slash', Buffer.from([0x22, 0xc0, 0xaf, 0x22])],
    ['a byte order mark', Buffer.from('\ufeff{}')],
    ['a trailing comma', '{"a":1,}'],
    ['a raw NUL', '"\0"'],
    ['half an object', '{"a":'],
    ['nothing', ''],
    ['two values', '{} {}'],
    ['NaN', 'NaN'],
  ])('refuses %s', (_, body) => {
    expect(refusalOf(body)).toMatchObject({ code: 'malformed_json' });
  });

  it('never quotes the body', () => {
    for (const body of ['{"text":"secret text"', 'secret', '{"secret":1 secret}', '["secret" 1]']) {
      expect(refusalOf(body)?.detail).not.toContain('secret');
    }
  });
});
