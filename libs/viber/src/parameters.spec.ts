import { describe, expect, it } from '@jest/globals';
import { readParameters } from './parameters.js';

function read(body: string | Buffer): Record<string, string | null> | null {
  const parameters = readParameters(Buffer.from(body as string));
  return parameters && Object.fromEntries(parameters);
}

describe('the parameters of a call', () => {
  it('are the same from JSON, a form and multipart', () => {
    const expected = { destination_addr: '380671234567', text: 'Привіт & co' };
    const part = (name: string, value: string): string =>
      `--x1\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
    expect(read('{"destination_addr":380671234567,"text":"Привіт & co"}')).toEqual(expected);
    expect(read(String(new URLSearchParams(expected)))).toEqual(expected);
    expect(
      read(`${part('destination_addr', '380671234567')}${part('text', 'Привіт & co')}--x1--\r\n`),
    ).toEqual(expected);
  });

  it('keep every digit of a number', () => {
    expect(read('{"message_id":9007199254740993}')).toEqual({ message_id: '9007199254740993' });
  });

  it('leave out null, and tell what is neither text nor number', () => {
    expect(read('{"a":null,"b":[],"c":{"d":1},"e":true,"f":""}')).toEqual({
      b: null,
      c: null,
      e: null,
      f: '',
    });
  });

  it('are read as Latin-1 where they are no UTF-8', () => {
    expect(read(Buffer.from('{"text":"Olá"}', 'latin1'))).toEqual({ text: 'Olá' });
  });

  it.each(['', '[]', '"text"', '{"a":1', '--x1\r\nbroken', 'nothing'])(
    'are not made up from %j',
    (body) => {
      expect(read(body)).toBeNull();
    },
  );
});
