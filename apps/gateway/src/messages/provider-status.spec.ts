import { describe, expect, it } from '@jest/globals';
import { meaningOf } from './provider-status.js';

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
