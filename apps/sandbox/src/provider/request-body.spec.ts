import { describe, expect, it } from '@jest/globals';
import { digitsOf, readBody } from './request-body.js';

const read = (text: string, contentType = 'application/json') =>
  readBody(contentType, Buffer.from(text));

describe('the body of a request', () => {
  it('is read as JSON, and kept as it came', async () => {
    const body = await read('{"message_id":9007199254740993}');
    expect(body.json).toBe('{"message_id":9007199254740993}');
    expect(body.isReadable).toBe(true);
  });

  it('is JSON also when its content type does not say so', async () => {
    expect((await read('{"a":1}', '')).parameters).toEqual({ a: 1 });
    expect((await read('{"a":1}', 'text/plain')).parameters).toEqual({ a: 1 });
  });

  it('is kept on one line, and equal to what came', async () => {
    const text = '{\r\n  "text": "two\\nlines",\n  "n": 1\n}';
    const body = await read(text);
    expect(body.json).not.toMatch(/[\r\n]/);
    expect(JSON.parse(body.json)).toEqual(JSON.parse(text));
  });

  it('is read from a form', async () => {
    const form = 'source_addr=Co+mpany&text=%D0%9F%D1%80%D0%B8%D0%B2%D1%96%D1%82&message_type=106';
    const body = await read(form, 'application/x-www-form-urlencoded; charset=utf-8');
    expect(body.parameters).toEqual({
      source_addr: 'Co mpany',
      text: 'Привіт',
      message_type: '106',
    });
    expect(JSON.parse(body.json)).toEqual(body.parameters);
  });

  it('is told by its content type in capitals as well', async () => {
    const form = await read('text=A', 'Application/X-WWW-Form-Urlencoded; Charset=UTF-8');
    expect(form.parameters).toEqual({ text: 'A' });
    const part = '--Bound\r\nContent-Disposition: form-data; name="text"\r\n\r\nA\r\n--Bound--\r\n';
    const multipart = await read(part, 'Multipart/Form-Data; boundary=Bound');
    expect(multipart.parameters).toEqual({ text: 'A' });
  });

  it('is read from multipart, as the documented PHP sample sends it', async () => {
    const text = ['source_addr', 'Company', 'text', 'Привіт 🎉']
      .map((part, at) =>
        at % 2 === 0
          ? `--b0\r\nContent-Disposition: form-data; name="${part}"\r\n\r\n`
          : `${part}\r\n`,
      )
      .join('');
    const body = await read(`${text}--b0--\r\n`, 'multipart/form-data; boundary=b0');
    expect(body.parameters).toEqual({ source_addr: 'Company', text: 'Привіт 🎉' });
  });

  it.each(['', '{"a":', '[1]', '"text"', 'null', 'a=1'])(
    'is unreadable, but kept, when it is %j',
    async (text) => {
      expect(await read(text)).toMatchObject({ parameters: {}, isReadable: false });
      expect(JSON.parse((await read(text)).json)).toBe(text);
    },
  );

  it('is unreadable when multipart is broken', async () => {
    const body = await read('--b0\r\nContent-Disp', 'multipart/form-data; boundary=b0');
    expect(body.isReadable).toBe(false);
  });
});

describe('the digits of a parameter', () => {
  const digits = async (json: string) => digitsOf(await read(json), 'message_id');

  it('are those of a number or of a text', async () => {
    expect(await digits('{"message_id":429}')).toBe('429');
    expect(await digits('{"message_id":"429"}')).toBe('429');
  });

  it('are complete beyond 2^53', async () => {
    expect(await digits('{"message_id": 9007199254740993}')).toBe('9007199254740993');
    expect(await digits('{"message_id":"9007199254740993"}')).toBe('9007199254740993');
  });

  it.each([
    '{}',
    '{"message_id":null}',
    '{"message_id":-1}',
    '{"message_id":1.5}',
    '{"message_id":"x"}',
  ])('are absent in %s', async (json) => expect(await digits(json)).toBeNull());
});
