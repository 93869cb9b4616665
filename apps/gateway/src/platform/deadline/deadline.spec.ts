import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Deadline, remainingMs, withinDeadline, withoutDeadline } from './index.js';

afterEach(() => {
  jest.restoreAllMocks();
});

describe('a deadline around work', () => {
  it('is found by all that the work starts, until the request is answered', async () => {
    const deadline = Deadline.in(60_000);
    await deadline.around(async () => {
      await Promise.resolve();
      expect(remainingMs()).toBeLessThanOrEqual(60_000);
      expect(withoutDeadline(remainingMs)).toBe(Infinity);
      deadline.lift();
      expect(remainingMs()).toBe(Infinity);
    });
    expect(remainingMs()).toBe(Infinity);
  });

  // Jest's own storages hook each promise here, so that only the call can be seen, and not what it saves.
  it('costs the promises of the process nothing once the last such request is answered', () => {
    const disabled = jest.spyOn(AsyncLocalStorage.prototype, 'disable');
    const [first, second] = [Deadline.in(60_000), Deadline.in(60_000)];
    first.around(() => undefined);
    second.around(() => second.around(() => undefined));
    first.lift();
    expect(disabled).not.toHaveBeenCalled();
    second.lift();
    second.lift();
    expect(disabled).toHaveBeenCalledTimes(1);
  });

  it('is not begun by a request that is answered already', () => {
    const entered = jest.spyOn(AsyncLocalStorage.prototype, 'run');
    const deadline = Deadline.in(60_000);
    deadline.lift();
    expect(deadline.around(remainingMs)).toBe(Infinity);
    expect(entered).not.toHaveBeenCalled();
  });
});

describe('waiting within a deadline', () => {
  it('ends with it, by its own or by one at hand', async () => {
    const never = new Promise<void>(() => undefined);
    const deadline = Deadline.in(10);
    await expect(deadline.around(() => withinDeadline(never))).rejects.toThrow('is over');
    await expect(withinDeadline(never, () => new Error('late'), 10)).rejects.toThrow('late');
    deadline.lift();
  });
});
