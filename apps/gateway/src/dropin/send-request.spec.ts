import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidRequest } from '../platform/errors/index.js';
import { providerErrorOf } from './provider-error.js';
import { readSendRequest } from './send-request.js';

const least = { destination_addr: '380671234567', text: 'Hello' };

function read(parameters: object) {
  return readSendRequest(Buffer.from(JSON.stringify(parameters)));
}

function refused(parameters: object): string {
  try {
    read(parameters);
  } catch (error) {
    if (error instanceof InvalidRequest) return providerErrorOf(error).name;
    throw error;
  }
  return 'taken';
}

describe('a send by the door', () => {
  it('is read in the words of POST /v1/messages', () => {
    expect(
      read({
        source_addr: 'Custom Company',
        destination_addr: 380671234567,
        message_type: '108',
        text: 'Spring',
        image: 'https://shop.example/a.jpg',
        button_caption: 'Join us',
        button_action: 'https://shop.example/join',
        source_type: 1,
        callback_url: 'https://shop.example/viber',
        validity_period: 3600,
      }),
    ).toEqual({
      message: {
        sender: 'Custom Company',
        recipient: '380671234567',
        text: 'Spring',
        image_url: 'https://shop.example/a.jpg',
        button: { caption: 'Join us', url: 'https://shop.example/join' },
        file_url: undefined,
        category: 'promotional',
        provider_message_type: 108,
        validity_seconds: 3600,
        fallback_sms_text: null,
      },
      callbackUrl: 'https://shop.example/viber',
      unknown: 0,
      notCarried: 0,
    });
  });

  it.each([null, 0, '', '0'])('takes %j for "not given" where it stands for a number', (none) => {
    const { message } = read({
      ...least,
      message_type: none,
      source_type: none,
      validity_period: none,
    });
    expect(message).toMatchObject({
      provider_message_type: null,
      category: null,
      validity_seconds: 86_400,
    });
  });

  it('leaves aside what the type does not carry, and counts it', () => {
    const { message, notCarried } = read({
      ...least,
      message_type: 106,
      image: 'https://shop.example/a.jpg',
      button_caption: 'Join us',
      button_action: 'https://shop.example/join',
      file_url: 'https://shop.example/a.pdf',
    });
    expect(message).not.toHaveProperty('image_url');
    expect(message).not.toHaveProperty('button');
    expect(message).not.toHaveProperty('file_url');
    expect(notCarried).toBe(3);
  });

  it.each([
    [{ message_type: 107 }, 'message_type'],
    [{ message_type: '1e2' }, 'message_type'],
    [{ message_type: 106.5 }, 'message_type'],
    [{ source_type: 3 }, 'source_type'],
    [{ source_type: -1 }, 'source_type'],
    [{ validity_period: 21_601 }, 'validity_period'],
    [{ validity_period: 'soon' }, 'validity_period'],
    [{ callback_url: 'javascript:alert(1)' }, 'callback_url'],
    [{ text: ['Hello'] }, 'text'],
    [{ source_addr: { name: 'x' } }, 'source_addr'],
    [{ destination_addr: true }, 'destination_addr'],
    [{ text: 'a\0b' }, 'text'],
    [{ text: 'a\ud800b' }, 'text'],
  ])('is refused with the parameter that is wrong: %j', (wrong, parameter) => {
    expect(refused({ ...least, ...wrong })).toBe(`Invalid Parameter: [${parameter}]`);
  });

  it('is read or refused, whatever the bytes', () => {
    const parameters = fc.dictionary(
      fc.constantFrom('text', 'image', 'message_type', 'source_type', '__proto__', 'constructor'),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
          fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
          parameters.map((object) => Buffer.from(JSON.stringify(object))),
        ),
        (body) => {
          try {
            readSendRequest(body);
          } catch (error) {
            if (!(error instanceof InvalidRequest)) throw error;
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
