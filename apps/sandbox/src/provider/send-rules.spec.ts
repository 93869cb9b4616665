import { describe, expect, it } from '@jest/globals';
import { aSend } from '../testing/client.js';
import { isTwoWay, validitySeconds, wrongParameter } from './send-rules.js';

const wrong = (changes: Record<string, unknown>) => wrongParameter(aSend(changes));
const picture = {
  message_type: 108,
  image: 'https://yourdomain.com/images/image.jpg',
  button_caption: 'Join Us',
  button_action: 'https://yourdomain.com/join-us',
};

describe('the rules for a send', () => {
  it('accept the documented sample', () => {
    expect(
      wrongParameter({
        source_addr: 'Custom Company',
        destination_addr: 8882222200,
        message_type: 106,
        text: 'Message content',
        image: 'https://yourdomain.com/images/image.jpg',
        button_caption: 'Join Us',
        button_action: 'https://yourdomain.com/join-us',
        source_type: 1,
        callback_url: 'https://yourdomain.com/viber-callback',
        validity_period: 3600,
      }),
    ).toBeNull();
  });

  it.each([
    { message_type: 106 },
    { message_type: 106, source_type: 2 },
    picture,
    { message_type: 206 },
    { ...picture, message_type: 208 },
    { message_type: 222, text: null, file_url: 'https://yourdomain.com/price-list.pdf' },
    { message_type: 225 },
    { message_type: 301, source_type: 2 },
    { message_type: 304, source_type: 2 },
  ])('accept message type $message_type', (changes) => expect(wrong(changes)).toBeNull());

  it('accept numbers in strings, as Java and forms send them', () => {
    expect(wrong({ message_type: '106', source_type: '2', validity_period: '60' })).toBeNull();
  });

  it.each([null, '', 0])('take %j for "not given", as the official clients send it', (none) => {
    expect(
      wrong({ image: none, button_caption: none, button_action: none, callback_url: none }),
    ).toBeNull();
    expect(wrong({ validity_period: none, text_sms: none })).toBeNull();
    expect(validitySeconds({ validity_period: none })).toBe(86_400);
    for (const name of ['source_addr', 'destination_addr', 'message_type', 'source_type', 'text']) {
      expect(wrong({ [name]: none })).toBe(name);
    }
  });

  it.each([
    ['source_addr', 'x'.repeat(21)],
    ['source_addr', 42],
    ['destination_addr', '+380501112233'],
    ['destination_addr', '3'.repeat(21)],
    ['destination_addr', 'nobody'],
    ['destination_addr', ['380501112233']],
    ['destination_addr', -5],
    ['message_type', 107],
    ['message_type', 'text'],
    ['source_type', 3],
    ['text', 'x'.repeat(1_001)],
    ['text', 42],
    ['image', 'image.jpg'],
    ['image', 'ftp://yourdomain.com/image.jpg'],
    ['button_caption', 'x'.repeat(31)],
    ['button_action', 'join us'],
    ['callback_url', '/viber-callback'],
    ['validity_period', 39],
    ['validity_period', 21_601],
    ['validity_period', 60.5],
    ['validity_period', 'soon'],
  ])('refuse %s %j by its name', (name, value) => expect(wrong({ [name]: value })).toBe(name));

  it.each(['text', 'image', 'button_caption', 'button_action'])(
    'refuse message type 108 without %s',
    (name) => expect(wrong({ ...picture, [name]: null })).toBe(name),
  );

  it('refuse message type 222 without a file', () => {
    expect(wrong({ message_type: 222 })).toBe('file_url');
  });

  it('refuse a transactional message with a picture, and a promotional template', () => {
    expect(wrong({ ...picture, source_type: 2 })).toBe('source_type');
    expect(wrong({ message_type: 301, source_type: 1 })).toBe('source_type');
  });

  it('count code points at the limits', () => {
    expect(wrong({ text: '🎉'.repeat(1_000) })).toBeNull();
    expect(wrong({ text: '🎉'.repeat(1_001) })).toBe('text');
    expect(wrong({ source_addr: 'ї'.repeat(20), validity_period: 40 })).toBeNull();
    expect(wrong({ destination_addr: '3'.repeat(20), validity_period: 21_600 })).toBeNull();
  });

  it('accept text_sms in transactional messages, 160 Latin or 70 other characters', () => {
    const sms = (text_sms: string) => wrong({ source_type: 2, text_sms });
    expect(sms('x'.repeat(160))).toBeNull();
    expect(sms('x'.repeat(161))).toBe('text_sms');
    expect(sms('ї'.repeat(70))).toBeNull();
    expect(sms('ї'.repeat(71))).toBe('text_sms');
    expect(wrong({ source_type: 1, text_sms: 'promotional' })).toBe('text_sms');
  });

  it('know which types are two-way', () => {
    expect([106, 108, '206', 208, 222].map((message_type) => isTwoWay({ message_type }))).toEqual([
      false,
      false,
      true,
      true,
      false,
    ]);
  });
});
