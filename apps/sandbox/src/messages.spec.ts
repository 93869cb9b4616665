import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Chance } from './chance.js';
import { SandboxClock } from './clock.js';
import { findFate } from './fates.js';
import { Messages } from './messages.js';
import type { Message } from './messages.js';
import { sandboxConfig } from './sandbox.config.js';
import type { SandboxConfig } from './sandbox.config.js';

const day = 24 * 3_600_000;
let now: number;
const clock = new SandboxClock(() => now);
const someMessages = (seed = 'seed', options: Partial<SandboxConfig> = {}) =>
  new Messages(sandboxConfig(options), clock, new Chance(seed));

beforeEach(() => {
  now = 1_800_000_000_000;
});

function accept(messages: Messages, fate = 'delivered', recipient = '380501112233'): Message {
  return messages.accept({
    key: 'K',
    recipient,
    fate: findFate(fate)!,
    callbackUrl: null,
    validityMs: 3_600_000,
    twoWay: false,
    trackingData: null,
    hasSms: fate === 'undelivered',
  });
}

describe('accepted messages', () => {
  it('have integer ids below 2^53, each its own', () => {
    const messages = someMessages();
    const ids = Array.from({ length: 1_000 }, () => accept(messages).id);
    expect(new Set(ids).size).toBe(1_000);
    for (const id of ids) expect(Number.isSafeInteger(Number(id))).toBe(true);
  });

  it('get the same ids and pace from the same seed, others from another', () => {
    const run = (seed: string) => {
      const messages = someMessages(seed);
      return ['1', '2', '3'].map((digit) => {
        const { id, pace } = accept(messages, 'delivered', `38050111223${digit}`);
        return { id, pace };
      });
    };
    expect(run('one')).toEqual(run('one'));
    expect(run('two')).not.toEqual(run('one'));
  });

  it('keep the pace of a recipient whatever came before', () => {
    const other = someMessages();
    accept(other, 'delivered', '380999999999');
    expect(accept(other).pace).toBe(accept(someMessages()).pace);
  });

  it('go through their life with the clock, without anybody calling', () => {
    const messages = someMessages();
    const message = accept(messages, 'expired');
    const seen = [0, 2_000, 3_599_999, 3_600_000].map((afterMs) => {
      now = message.acceptedAt + afterMs;
      return messages.statusOf(message);
    });
    expect(seen).toEqual([0, 5, 5, 4]);
    expect(messages.view(message).history.map(({ status }) => status)).toEqual([0, 5, 4]);
  });

  it('are delivered after the configured time, give or take a fifth', () => {
    const messages = someMessages('seed', { deliveryMs: 1_000 });
    for (let n = 0; n < 100; n++) {
      const delayMs = messages.delayMs(accept(messages, 'delivered', `${n}`), 'delivery');
      expect(delayMs).toBeGreaterThanOrEqual(800);
      expect(delayMs).toBeLessThanOrEqual(1_200);
    }
  });

  it('are found by their own key only', () => {
    const messages = someMessages();
    const { id } = accept(messages);
    expect(messages.find(id, 'K')?.id).toBe(id);
    expect(messages.find(id, 'another')).toBeNull();
  });

  it('are forgotten after five days', () => {
    const messages = someMessages();
    const { id } = accept(messages);
    now += 5 * day;
    expect(messages.find(id, 'K')).not.toBeNull();
    now += 1;
    expect(messages.find(id, 'K')).toBeNull();
    expect(messages.list()).toEqual([]);
    accept(messages);
    expect(messages.count).toBe(1);
  });

  it('are forgotten, the oldest first, beyond the configured number', () => {
    const messages = someMessages('seed', { messagesLimit: 3 });
    const ids = Array.from({ length: 5 }, () => accept(messages).id);
    expect(messages.list().map(({ id }) => id)).toEqual(ids.slice(2));
  });

  it('are forgotten one for one when time and number have emptied the memory in between', () => {
    const messages = someMessages('seed', { messagesLimit: 1 });
    const ids = Array.from({ length: 3 }, () => accept(messages).id);
    now += 6 * day;
    ids.push(accept(messages).id);
    messages.reset();
    ids.push(accept(messages).id, accept(messages).id);
    expect(messages.list().map(({ id }) => id)).toEqual(ids.slice(-1));
    expect(messages.count).toBe(1);
  });

  it('cost no walk over what was forgotten before, when each one takes the place of the oldest', () => {
    const messages = someMessages('seed', { messagesLimit: 100 });
    for (let n = 0; n < 100; n++) accept(messages);
    // V8 leaves a hole for each deleted entry, and every new iterator walks over all that stand at the head.
    const opened = (['values', 'keys', 'entries', Symbol.iterator] as const).map((name) =>
      jest.spyOn(Map.prototype, name),
    );
    for (let n = 0; n < 1_000; n++) accept(messages);
    const iterators = opened.reduce((sum, { mock }) => sum + mock.calls.length, 0);
    jest.restoreAllMocks();
    expect(iterators).toBe(0);
    expect(messages.count).toBe(100);
  });

  it('are listed from the oldest where the last of the page before was forgotten', () => {
    const messages = someMessages('seed', { messagesLimit: 2 });
    const ids = Array.from({ length: 4 }, () => accept(messages).id);
    expect(messages.list({ after: ids[0]! }).map(({ id }) => id)).toEqual(ids.slice(2));
  });

  it('are listed in the order of acceptance, by page, recipient and key', () => {
    const messages = someMessages();
    const ids = ['1', '2', '1', '2'].map(
      (recipient) => accept(messages, 'delivered', recipient).id,
    );
    expect(messages.list({ limit: 2 }).map(({ id }) => id)).toEqual(ids.slice(0, 2));
    expect(messages.list({ after: ids[1]! }).map(({ id }) => id)).toEqual(ids.slice(2));
    expect(messages.list({ recipient: '1' }).map(({ id }) => id)).toEqual([ids[0], ids[2]]);
    expect(messages.list({ key: 'another' })).toEqual([]);
    expect(messages.findNewestTo('1', 'K')?.id).toBe(ids[2]);
  });

  it('send their SMS when they have failed', () => {
    const messages = someMessages();
    const message = accept(messages, 'undelivered');
    expect(message.smsId).toMatch(/^\d+$/);
    expect(message.smsId).not.toBe(message.id);
    expect(messages.smsStatusOf(message)).toBe(0);
    now += 1_000;
    expect(messages.smsStatusOf(message)).toBe(2);
  });

  it('give no id twice across a reset, unless the ids are to start anew', () => {
    const messages = someMessages();
    const first = accept(messages).id;
    messages.reset();
    expect(accept(messages).id).not.toBe(first);
    messages.reset({ startIdsAnew: true });
    expect(accept(messages).id).toBe(first);
  });
});
