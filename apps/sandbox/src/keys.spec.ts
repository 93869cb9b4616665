import { beforeEach, describe, expect, it } from '@jest/globals';
import { SandboxClock } from './clock.js';
import { Keys } from './keys.js';
import { sandboxConfig } from './sandbox.config.js';
import type { SandboxConfig } from './sandbox.config.js';

let now: number;
const clock = new SandboxClock(() => now);
const someKeys = (options: Partial<SandboxConfig> = {}) => new Keys(sandboxConfig(options), clock);

beforeEach(() => {
  now = 1_000_000;
});

/** How many of so many requests pass. */
function passing(keys: Keys, requests: number, key = 'K'): number {
  let passed = 0;
  for (let index = 0; index < requests; index++) if (!keys.draw(key)?.isExceeded) passed++;
  return passed;
}

describe('keys', () => {
  it('are all accepted unless some are configured', () => {
    expect(someKeys().isAccepted('anything')).toBe(true);
    const keys = someKeys({ keys: ['A', 'B'] });
    expect(['A', 'B', 'C'].map((key) => keys.isAccepted(key))).toEqual([true, true, false]);
  });

  it('are accepted by the list of configured ones until they themselves are told otherwise', () => {
    const keys = someKeys({ keys: ['A'] });
    expect(keys.set('B', { limit: 100 })).toMatchObject({ limit: 100, unauthorised: true });
    expect(keys.isAccepted('B')).toBe(false);
    expect(keys.set('B', { unauthorised: false }).unauthorised).toBe(false);
    expect(keys.isAccepted('B')).toBe(true);
    expect(keys.settings('A').unauthorised).toBe(false);
  });

  it('can be told unauthorised, and authorised again', () => {
    const keys = someKeys();
    keys.set('K', { unauthorised: true });
    expect(keys.isAccepted('K')).toBe(false);
    keys.set('K', { unauthorised: false });
    expect(keys.isAccepted('K')).toBe(true);
  });

  it('have no limit unless one is set', () => {
    const keys = someKeys();
    expect(keys.draw('K')).toBeNull();
    expect(passing(keys, 10_000)).toBe(10_000);
  });

  it('pass as many requests as their limit, and get it back evenly within the window', () => {
    const keys = someKeys();
    keys.set('K', { limit: 20 });
    expect(passing(keys, 30)).toBe(20);
    now += 500;
    expect(passing(keys, 30)).toBe(10);
    now += 60_000;
    expect(passing(keys, 30)).toBe(20);
  });

  it('do not lose allowance to requests that were refused', () => {
    const keys = someKeys();
    keys.set('K', { limit: 10 });
    passing(keys, 1_000);
    now += 100;
    expect(passing(keys, 5)).toBe(1);
  });

  it('tell limit, remaining and reset in the manner of Yii2', () => {
    const keys = someKeys();
    keys.set('K', { limit: 2, window_seconds: 10, retry_after: true });
    expect(keys.draw('K')).toMatchObject({ limit: 2, remaining: 1, reset: 5, isExceeded: false });
    expect(keys.draw('K')).toMatchObject({ limit: 2, remaining: 0, reset: 10, isExceeded: false });
    expect(keys.draw('K')).toMatchObject({ remaining: 0, isExceeded: true, retryAfter: 5 });
  });

  it('each have their own limit, also when all get the configured one', () => {
    const keys = someKeys({ rateLimit: 3 });
    expect(passing(keys, 10, 'A')).toBe(3);
    expect(passing(keys, 10, 'B')).toBe(3);
    keys.set('B', { limit: null });
    expect(passing(keys, 10, 'B')).toBe(10);
  });

  it('pay for sends until their balance is empty, and again when it was filled', () => {
    const keys = someKeys();
    expect(keys.pay('K')).toBe(true);
    keys.set('K', { balance: 2 });
    expect([1, 2, 3].map(() => keys.pay('K'))).toEqual([true, true, false]);
    keys.set('K', { balance: 1 });
    expect(keys.pay('K')).toBe(true);
  });

  it('keep what is not set anew', () => {
    const keys = someKeys();
    keys.set('K', { limit: 5, inbound_url: 'http://localhost/in' });
    expect(keys.set('K', { balance: 7 })).toEqual({
      limit: 5,
      window_seconds: 1,
      balance: 7,
      unauthorised: false,
      inbound_url: 'http://localhost/in',
      retry_after: false,
    });
  });

  it('are as configured again after a reset', () => {
    const keys = someKeys({ keys: ['A'] });
    keys.set('A', { unauthorised: true });
    keys.set('B', { limit: 1 });
    keys.reset();
    expect(keys.isAccepted('A')).toBe(true);
    expect(keys.isAccepted('B')).toBe(false);
  });
});
