import { describe, expect, it } from '@jest/globals';
import { showId } from '../platform/ids/index.js';
import { progressAtAcceptance } from './message.js';
import type { NewMessage } from './new-message.js';
import { showMessage } from './show-message.js';
import type { History, RecordedEvent } from './message-reader.js';
import { timelineOf } from './timeline.js';

const accepted: NewMessage = {
  tenantId: '01900000-0000-7000-8000-0000000000f0',
  id: '01900000-0000-7000-8000-000000000001',
  accountId: '01900000-0000-7000-8000-00000000000a',
  apiKeyId: '01900000-0000-7000-8000-0000000000b0',
  acceptedAt: '2026-03-01T09:00:00.000Z',
  sender: 'Custom Co',
  recipient: '380671234567',
  category: 'promotional',
  class: 0,
  twoWay: true,
  providerMessageType: 208,
  deliveryMode: 'at_most_once',
  text: 'Spring',
  imageUrl: 'https://shop.example/a.jpg',
  buttonCaption: 'Join us',
  buttonUrl: 'https://shop.example/join',
  fileUrl: null,
  fallbackSmsText: null,
  validitySeconds: 3_600,
  sendAt: null,
  expiresAt: '2026-03-01T10:00:00.000Z',
  clientReference: 'order-1',
  groupName: 'spring',
  metadata: { b: '2', a: '1' },
  requestId: 'req-1',
};

describe('a message as it is shown', () => {
  it('holds all that was asked for, in the user’s words, and null where there is nothing', () => {
    expect(showMessage(accepted, progressAtAcceptance(accepted))).toEqual({
      id: showId('msg', accepted.id),
      account_id: showId('acc', accepted.accountId),
      status: 'queued',
      is_final: false,
      recipient: '+380671234567',
      sender: 'Custom Co',
      text: 'Spring',
      image_url: 'https://shop.example/a.jpg',
      button: { caption: 'Join us', url: 'https://shop.example/join' },
      file_url: null,
      fallback_sms_text: null,
      category: 'promotional',
      priority: 'urgent',
      two_way: true,
      provider_message_type: 208,
      delivery_mode: 'at_most_once',
      possible_duplicate: false,
      attempts: 0,
      validity_seconds: 3_600,
      accepted_at: '2026-03-01T09:00:00.000Z',
      send_at: null,
      expires_at: '2026-03-01T10:00:00.000Z',
      sent_at: null,
      final_at: null,
      delivered_via: null,
      sms_status: null,
      status_detail: null,
      evidence: null,
      provider_message_id: null,
      client_reference: 'order-1',
      metadata: { a: '1', b: '2' },
      group: 'spring',
    });
  });

  it('is the same to the byte, in whatever order its notes were given', () => {
    const other = { ...accepted, metadata: { a: '1', b: '2' } };
    const bytes = [accepted, other].map((message) =>
      JSON.stringify(showMessage(message, progressAtAcceptance(message))),
    );
    expect(bytes[0]).toBe(bytes[1]);
  });

  it('is final once it has a time of its final status', () => {
    const progress = {
      ...progressAtAcceptance(accepted),
      status: 'uncertain' as const,
      statusCode: 'timeout',
      providerStatus: '20',
    };
    expect(showMessage(accepted, progress)).toMatchObject({
      is_final: false,
      status_detail: { code: 'timeout', provider_status: '20', message: null },
    });
    expect(
      showMessage(accepted, { ...progress, finalAt: new Date('2026-03-06T15:00:00Z') }),
    ).toMatchObject({
      is_final: true,
      final_at: '2026-03-06T15:00:00.000Z',
    });
  });
});

function came(message: NewMessage, ...events: RecordedEvent[]): History {
  return { accepted: message, events, waiting: null };
}

describe('a timeline', () => {
  it('begins with what accepting told, by which key, though no event was written for it', () => {
    expect(timelineOf(came(accepted)).map(({ at, type, detail }) => [at, type, detail])).toEqual([
      [
        accepted.acceptedAt,
        'accepted',
        { api_key_id: showId('key', accepted.apiKeyId!), request_id: 'req-1' },
      ],
      [accepted.acceptedAt, 'queued', null],
    ]);
    const later = { ...accepted, sendAt: '2026-03-02T09:00:00.000Z' };
    expect(timelineOf(came(later))[1]).toMatchObject({
      type: 'scheduled',
      detail: { send_at: later.sendAt },
    });
  });

  it('goes on with what was recorded, of types unknown today too', () => {
    const event = {
      id: 'x',
      at: new Date('2026-03-01T09:00:01Z'),
      type: 'teleported',
      status: 'sent',
      attempt: 1,
      applied: true,
      detail: { by: 'beam' },
    };
    expect(timelineOf(came(accepted, event)).at(-1)).toEqual({
      at: '2026-03-01T09:00:01.000Z',
      type: 'teleported',
      status: 'sent',
      attempt: 1,
      applied: true,
      detail: { by: 'beam' },
    });
  });
});
