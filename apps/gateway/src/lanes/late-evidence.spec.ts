import { describe, expect, it } from '@jest/globals';
import type { Outcome } from '../queue/index.js';
import { evidenceOf } from './late-evidence.js';

const outcome = (given: Partial<Outcome>): Outcome => ({
  tenantId: 'tenant',
  messageId: 'message',
  attempt: 2,
  outcome: 'unknown',
  providerMessageId: null,
  code: null,
  eventId: 'event',
  eventType: 'attempt',
  at: new Date(0),
  detail: { http_status: 200 },
  ...given,
});

describe('what a former owner learned', () => {
  it('is sent, with its id, where the provider took the message', () => {
    expect(evidenceOf(outcome({ outcome: 'accepted', providerMessageId: '429' }))).toMatchObject({
      source: 'former_owner',
      attempt: 2,
      status: 'sent',
      isFinal: false,
      providerMessageId: '429',
      detail: { http_status: 200 },
    });
  });

  it('is a final refusal, with its code', () => {
    expect(evidenceOf(outcome({ outcome: 'refused', code: 'invalid_parameter' }))).toMatchObject({
      status: 'rejected',
      isFinal: true,
      code: 'invalid_parameter',
    });
  });

  it('is a failure where surely nothing was sent, whatever kept it from being sent', () => {
    expect(evidenceOf(outcome({ outcome: 'not_sent', code: 'rate_limited' }))).toMatchObject({
      status: 'failed',
      isFinal: true,
      code: 'not_sent',
    });
  });

  it('is nothing where it does not know either', () => {
    expect(evidenceOf(outcome({ outcome: 'unknown' }))).toBeNull();
  });
});
