import { describe, expect, it } from '@jest/globals';
import { meaningOf, meaningWithSms } from './provider-status.js';

const strict = { status2Final: true };

describe('a status of the provider', () => {
  it.each([
    [0, 'sent', false, null],
    [1, 'delivered', true, null],
    [2, 'failed', true, 'provider_error'],
    [3, 'rejected', true, 'provider_rejected'],
    [4, 'undelivered', true, 'not_delivered_in_time'],
    [5, 'pending', false, null],
    [20, 'sent', false, 'unknown_provider_status'],
  ])('%d means %s, final: %s', (number, status, isFinal, code) => {
    expect(meaningOf(number, strict)).toEqual({ status, isFinal, code });
  });

  it('2 is no end where it is configured so: the message is still on its way', () => {
    expect(meaningOf(2, { status2Final: false })).toEqual({
      status: 'pending',
      isFinal: false,
      code: 'provider_error',
    });
  });

  it.each([6, 21, 99, -1, 1.5, Number.NaN])(
    'that nobody has documented (%d) tells only that it was sent',
    (number) => {
      expect(meaningOf(number, strict)).toEqual({
        status: 'sent',
        isFinal: false,
        code: 'unknown_provider_status',
      });
    },
  );
});

describe('a status with that of an SMS', () => {
  it.each([
    [4, 2, 'delivered', true, 'sms_delivered'],
    [0, 2, 'delivered', true, 'sms_delivered'],
    [1, 2, 'delivered', true, null],
    [4, 3, 'undelivered', true, 'sms_expired'],
    [3, 5, 'undelivered', true, 'sms_undeliverable'],
    [5, 5, 'pending', false, null],
    [4, 0, 'undelivered', true, 'not_delivered_in_time'],
    [4, null, 'undelivered', true, 'not_delivered_in_time'],
  ])('%d and %s mean %s', (number, sms, status, isFinal, code) => {
    expect(meaningWithSms(meaningOf(number, strict), sms)).toEqual({ status, isFinal, code });
  });
});
