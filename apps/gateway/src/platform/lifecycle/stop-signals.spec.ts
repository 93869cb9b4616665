import { describe, expect, it, jest } from '@jest/globals';
import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Drain } from './drain.js';
import { stopOnSignal } from './stop-signals.js';

class SignalledProcess extends EventEmitter {
  readonly exit = jest.fn<(code: number) => void>();
}

describe('stopOnSignal', () => {
  it('stops in good order on the first signal and exits with 0 when that is done', async () => {
    const source = new SignalledProcess();
    let finish = (): void => {};
    const stop = jest.fn(() => new Promise<void>((resolve) => (finish = resolve)));
    stopOnSignal(stop, 10_000, source);
    expect(stop).not.toHaveBeenCalled();
    source.emit('SIGTERM');
    expect(stop).toHaveBeenCalledTimes(1);
    expect(source.exit).not.toHaveBeenCalled();
    finish();
    await sleep(1);
    expect(source.exit.mock.calls).toEqual([[0]]);
  });

  it('exits at once on the second signal, whichever it is', () => {
    const source = new SignalledProcess();
    const stop = jest.fn(() => new Promise<void>(() => {}));
    stopOnSignal(stop, 1, source);
    source.emit('SIGINT');
    source.emit('SIGTERM');
    expect(stop).toHaveBeenCalledTimes(1);
    expect(source.exit.mock.calls).toEqual([[143]]);
  });

  it('exits when stopping takes longer than its time', async () => {
    const source = new SignalledProcess();
    stopOnSignal(() => new Promise<void>(() => {}), 5, source);
    source.emit('SIGTERM');
    await sleep(30);
    expect(source.exit.mock.calls).toEqual([[143]]);
  });

  it('exits with 1 when stopping fails', async () => {
    const source = new SignalledProcess();
    stopOnSignal(() => Promise.reject(new Error('x')), 10_000, source);
    source.emit('SIGTERM');
    await sleep(1);
    expect(source.exit.mock.calls).toEqual([[1]]);
  });
});

describe('Drain', () => {
  it('begins once and ends waits', () => {
    const drain = new Drain();
    const ended = jest.fn();
    drain.signal.addEventListener('abort', ended);
    expect(drain.draining).toBe(false);
    drain.begin();
    drain.begin();
    expect(drain.draining).toBe(true);
    expect(ended).toHaveBeenCalledTimes(1);
  });
});
