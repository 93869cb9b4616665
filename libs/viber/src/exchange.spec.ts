import { describe, expect, it } from '@jest/globals';
import type { Dispatcher } from 'undici';
import { Exchange, type ExchangeEnd } from './exchange.js';

const controller = { abort: () => {} } as unknown as Dispatcher.DispatchController;

function exchange(mayWrite?: () => boolean) {
  const ends: ExchangeEnd[] = [];
  const started = new Exchange({ timeoutMs: 1_000, maxAnswerBytes: 100, mayWrite }, (end) => {
    ends.push(end);
  });
  return { started, ends };
}

describe('an exchange', () => {
  it('that was handed over once is never written a second time, and stays unknown', () => {
    const { started, ends } = exchange();
    started.onRequestStart(controller);

    expect(() => started.onRequestStart(controller)).toThrow();
    started.onResponseError(controller, new Error('thrown above'));
    expect(ends).toEqual([{ kind: 'torn', reason: 'reset', code: null }]);
  });

  it('is not written where mayWrite itself breaks', () => {
    const { started, ends } = exchange(() => {
      throw new Error('no lease');
    });
    expect(() => started.onRequestStart(controller)).toThrow();
    expect(ends).toEqual([{ kind: 'not written', reason: 'not_allowed', code: null }]);
  });

  it('ends once, whatever else happens', () => {
    const { started, ends } = exchange();
    started.onRequestStart(controller);
    started.onResponseStart(controller, 200, {});
    started.onResponseEnd();
    started.onResponseError(controller, new Error('late'));
    started.onResponseEnd();
    expect(ends).toHaveLength(1);
  });

  it.each([
    ['ENOTFOUND', 'dns'],
    ['EAI_AGAIN', 'dns'],
    ['ECONNREFUSED', 'connect'],
    ['EHOSTUNREACH', 'connect'],
    ['UND_ERR_CONNECT_TIMEOUT', 'timeout'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'tls'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls'],
    ['UND_ERR_DESTROYED', 'closed'],
  ])('that failed with %s before writing was not sent: %s', (code, reason) => {
    const { started, ends } = exchange();
    started.onResponseError(controller, Object.assign(new Error(), { code }));
    expect(ends).toEqual([{ kind: 'not written', reason, code }]);
  });
});
