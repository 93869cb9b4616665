import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { IntendedRow } from '../queue/index.js';
import { trackingData, wireMessage } from './wire-message.js';

const nowMs = Date.parse('2026-03-01T12:00:00Z');

const row = (given: Partial<IntendedRow> = {}): IntendedRow => ({
  tenant_id: '01890a5d-ac96-774b-bcce-b302099a0001',
  account_id: '01890a5d-ac96-774b-bcce-b302099a0002',
  intent_id: '01890a5d-ac96-774b-bcce-b302099a0003',
  message_id: '01890a5d-ac96-774b-bcce-b302099a8057',
  class: 1,
  pos: '01890a5d-ac96-774b-bcce-b302099a8057',
  attempt: 1,
  maybe_sent: false,
  expires_at: new Date(nowMs + 3_600_000),
  fate: 'send',
  accepted_at: new Date(nowMs),
  sender: 'Shop',
  recipient: '380671234567',
  text: null,
  image_url: null,
  button_caption: null,
  button_url: null,
  file_url: null,
  fallback_sms_text: null,
  category: 'transactional',
  provider_message_type: 106,
  ...given,
});

const validityOf = (leftMs: number): number | undefined =>
  wireMessage(row({ expires_at: new Date(nowMs + leftMs) }), null, nowMs).validity_period;

describe('a message on the wire', () => {
  it("has the provider's names, and no member that was not given", () => {
    expect(wireMessage(row({ text: 'Hello' }), null, nowMs)).toEqual({
      source_addr: 'Shop',
      destination_addr: '380671234567',
      message_type: 106,
      text: 'Hello',
      source_type: 2,
      validity_period: 3_600,
    });
  });

  it('has every part of its content', () => {
    const full = row({
      text: 'Hello',
      image_url: 'https://example.com/a.png',
      button_caption: 'Look',
      button_url: 'https://example.com/',
      category: 'promotional',
      provider_message_type: 108,
    });
    expect(wireMessage(full, 'https://gateway.example/callbacks/viber/s/x', nowMs)).toMatchObject({
      image: 'https://example.com/a.png',
      button_caption: 'Look',
      button_action: 'https://example.com/',
      callback_url: 'https://gateway.example/callbacks/viber/s/x',
      source_type: 1,
    });
    expect(wireMessage(row({ file_url: 'https://example.com/a.pdf' }), null, nowMs)).toMatchObject({
      file_url: 'https://example.com/a.pdf',
    });
  });

  it('names itself to replies where it is of a two-way type, and only there', () => {
    const tracking = (type: number) =>
      wireMessage(row({ provider_message_type: type }), null, nowMs).tracking_data;
    expect(tracking(206)).toBe('tracking_id:msg_01h455vb4pex5vsknk084sn02q');
    expect(tracking(206)).toBe(trackingData(row().message_id));
    expect(tracking(208)).toBeDefined();
    expect(tracking(106)).toBeUndefined();
    expect(tracking(108)).toBeUndefined();
  });

  it('has what is left of its validity, between the bounds of the provider', () => {
    expect(validityOf(90_000)).toBe(90);
    expect(validityOf(89_001)).toBe(90);
    expect(validityOf(10_000)).toBe(40);
    expect(validityOf(7 * 3_600_000)).toBe(21_600);
    expect(validityOf(86_399_000)).toBe(21_600);
    expect(validityOf(86_400_000)).toBeUndefined();
    expect(validityOf(3 * 86_400_000)).toBeUndefined();
  });

  it('never asks for a validity that the provider refuses', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1_000_000, max: 86_399_000 }), (leftMs) => {
        const validity = validityOf(leftMs) as number;
        expect(Number.isInteger(validity)).toBe(true);
        expect(validity).toBeGreaterThanOrEqual(40);
        expect(validity).toBeLessThanOrEqual(21_600);
      }),
    );
  });
});
