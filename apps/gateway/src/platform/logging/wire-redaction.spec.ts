import { describe, expect, it } from '@jest/globals';
import { redactWire, redactWireSample } from './wire-redaction.js';

describe('redactWire', () => {
  it('hides phone numbers and callback URLs, and keeps the id of the provider', () => {
    expect(
      redactWire('{"message_id":4121592998000} to +38 (067) 123-45-67, /callbacks/viber/s/a.b.mac'),
    ).toBe('{"message_id":4121592998000} to …, /callbacks/…');
  });
});

describe('redactWireSample', () => {
  it.each([
    ['{"message_id":"429","status":77,}', '{"message_id":"429","status":77,}'],
    ['{"message_id":1,"text":"Come to \\"dinner\\" at 8"}', '{"message_id":1,"text":"…"}'],
    ['{"status":"seen by Olga"}', '{"status":"…"}'],
    ['{"phone_number":380671234567,"code":4821}', '{"phone_number":…,"code":4821}'],
    ['{"380671234567":1}', '{"…":1}'],
    ['{"a":1 /* for Olga */, "b":2 // for Oleh\n}', '{"a":1 /* … */, "b":2 // …\n}'],
    ['{"message":{"text":"cut off in its mid', '{"message":{"text":"…"'],
    ['["Olga",["Oleh"]]', '["…",["…"]]'],
    ['"Olga"', '"…"'],
    ['<html><h1 title="Olga">Dear Olga</h1></html>', '<html><h1>…</h1></html>'],
    ['message_id=1&text=Dear+Olga', '…'],
    ['Dear Olga', '…'],
    ['', ''],
  ])('keeps the form and nothing that anybody said: %s', (text, shown) => {
    expect(redactWireSample(text)).toBe(shown);
  });

  it('is cut', () => {
    expect(redactWireSample(`[${'1,'.repeat(2_000)}1]`)).toHaveLength(501);
  });
});
