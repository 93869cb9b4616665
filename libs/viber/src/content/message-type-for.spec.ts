import { describe, expect, it } from '@jest/globals';
import { messageTypeFor, type MessageContent } from './message-type-for.js';
import { messageTypes } from './message-types.js';

const text = 'Hello';
const imageUrl = 'https://example.com/a.png';
const fileUrl = 'https://example.com/a.pdf';
const button = { caption: 'Open', url: 'https://example.com' };

describe('messageTypeFor', () => {
  it.each<[number, 1 | 2, boolean, MessageContent]>([
    [106, 2, false, { text, category: 'transactional' }],
    [106, 1, false, { text, category: 'promotional' }],
    [106, 1, false, { text, category: 'promotional', twoWay: false }],
    [106, 1, false, { text, category: 'promotional', imageUrl: null, button: null, fileUrl: '' }],
    [108, 1, false, { text, imageUrl, button, category: 'promotional' }],
    [206, 1, true, { text, category: 'promotional', twoWay: true }],
    [206, 2, true, { text, category: 'transactional', twoWay: true }],
    [208, 1, true, { text, imageUrl, button, category: 'promotional', twoWay: true }],
    [222, 1, false, { fileUrl, category: 'promotional' }],
    [222, 1, false, { text, fileUrl, category: 'promotional' }],
    [225, 1, false, { text, category: 'promotional', providerMessageType: 225 }],
    [301, 2, false, { text, category: 'transactional', providerMessageType: 301 }],
    [304, 2, false, { text, category: 'transactional', providerMessageType: 304 }],
    [206, 1, true, { text, category: 'promotional', providerMessageType: 206 }],
  ])('gives %i with source type %i (two-way: %s) for %j', (type, sourceType, twoWay, content) => {
    expect(messageTypeFor(content)).toEqual({ ok: true, type, sourceType, twoWay });
  });

  it.each<[string, RegExp, MessageContent]>([
    ['text', /needs text/, { category: 'promotional' }],
    ['text', /needs text/, { imageUrl, button, category: 'promotional' }],
    ['button', /needs button/, { text, imageUrl, category: 'promotional' }],
    ['image_url', /needs image_url/, { text, button, category: 'promotional' }],
    [
      'button',
      /needs a url/,
      { text, imageUrl, button: { caption: 'Open' }, category: 'promotional' },
    ],
    [
      'button',
      /needs a caption/,
      { text, imageUrl, button: { url: 'https://a.b' }, category: 'promotional' },
    ],
    ['image_url', /text only/, { text, imageUrl, button, category: 'transactional' }],
    ['image_url', /text only/, { text, imageUrl, category: 'transactional' }],
    ['button', /text only/, { text, button, category: 'transactional' }],
    ['file_url', /text only/, { fileUrl, category: 'transactional' }],
    ['file_url', /cannot carry/, { text, imageUrl, button, fileUrl, category: 'promotional' }],
    ['file_url', /cannot carry/, { text, fileUrl, category: 'promotional', twoWay: true }],
    [
      'image_url',
      /106 .*cannot carry/,
      { text, imageUrl, category: 'promotional', providerMessageType: 106 },
    ],
    [
      'button',
      /108 .*needs button/,
      { text, imageUrl, category: 'promotional', providerMessageType: 108 },
    ],
    [
      'category',
      /225 .*cannot be transactional/,
      { text, category: 'transactional', providerMessageType: 225 },
    ],
    [
      'category',
      /301 .*cannot be promotional/,
      { text, category: 'promotional', providerMessageType: 301 },
    ],
    [
      'two_way',
      /106 .*not two-way/,
      { text, category: 'promotional', providerMessageType: 106, twoWay: true },
    ],
    [
      'two_way',
      /206 .*is two-way/,
      { text, category: 'promotional', providerMessageType: 206, twoWay: false },
    ],
    [
      'provider_message_type',
      /no message type 107; known are 106, /,
      { text, category: 'promotional', providerMessageType: 107 },
    ],
  ])('points to %s and says %s for %j', (field, reason, content) => {
    const verdict = messageTypeFor(content);
    expect(verdict).toMatchObject({ ok: false, field });
    expect((verdict as { reason: string }).reason).toMatch(reason);
  });

  it('never lets a transactional message carry more than text', () => {
    for (const line of messageTypes.filter((one) => one.categories.includes('transactional'))) {
      expect([...line.needs, ...line.allows]).toEqual(['text']);
    }
  });

  it('can reach every line of the table', () => {
    for (const line of messageTypes) {
      const parts = line.needs;
      const content: MessageContent = {
        text: parts.includes('text') ? text : null,
        imageUrl: parts.includes('image_url') ? imageUrl : null,
        button: parts.includes('button') ? button : null,
        fileUrl: parts.includes('file_url') ? fileUrl : null,
        category: line.categories[0]!,
        twoWay: line.twoWay,
        providerMessageType: line.chosen === 'by number' ? line.type : null,
      };
      expect(messageTypeFor(content)).toMatchObject({ ok: true, type: line.type });
    }
    expect(new Set(messageTypes.map((line) => line.type)).size).toBe(messageTypes.length);
  });
});
