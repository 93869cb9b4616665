import { describe, expect, it } from '@jest/globals';
import { DatabaseUnavailable, Overloaded } from '../platform/errors/index.js';
import { LookUpCache, type LookUpCacheOptions } from './look-up-cache.js';

function aCache(options: Partial<LookUpCacheOptions<string>> = {}) {
  const rows = new Map([
    ['a', 'A'],
    ['b', 'B'],
    ['c', 'C'],
  ]);
  const loads: string[][] = [];
  const time = { ms: 0 };
  const cache = new LookUpCache<string>({
    load: async (keys) => {
      loads.push([...keys]);
      return new Map(
        keys.flatMap((key) => (rows.has(key) ? [[key, rows.get(key) as string]] : [])),
      );
    },
    maxAgeMs: 2_000,
    maxAbsentAgeMs: 500,
    size: 100,
    nowMs: () => time.ms,
    ...options,
  });
  return { cache, rows, loads, time };
}

const aTurn = () => new Promise((resolve) => setTimeout(resolve, 1));

describe('LookUpCache', () => {
  it('reads once for all who ask in the same moment, whatever their key', async () => {
    const { cache, loads } = aCache();
    const answers = await Promise.all(['a', 'b', 'a', 'x'].map((key) => cache.get(key)));
    expect(answers).toEqual(['A', 'B', 'A', null]);
    expect(loads).toEqual([['a', 'b', 'x']]);
  });

  it('answers without the database until the answer is too old', async () => {
    const { cache, rows, loads, time } = aCache();
    await cache.get('a');
    rows.set('a', 'changed');
    time.ms = 500;
    expect(cache.peek('a')).toBe('A');
    expect(loads).toHaveLength(1);
    time.ms = 2_001;
    expect(cache.peek('a')).toBeUndefined();
    expect(await cache.get('a')).toBe('changed');
    expect(loads).toHaveLength(2);
  });

  it('reads what is in use before it is too old, once, and answers with the old meanwhile', async () => {
    const { cache, rows, loads, time } = aCache();
    await cache.get('a');
    rows.set('a', 'changed');
    time.ms = 501;
    expect([cache.peek('a'), cache.peek('a')]).toEqual(['A', 'A']);
    await aTurn();
    expect(cache.peek('a')).toBe('changed');
    expect(loads).toHaveLength(2);
    time.ms = 2_501;
    expect(cache.peek('a')).toBe('changed');
  });

  it('turns callers away at once where the present read takes too long', async () => {
    let answer: (found: Map<string, string>) => void = () => undefined;
    const { cache, time } = aCache({
      longestReadMs: 500,
      load: () => new Promise((resolve) => (answer = resolve)),
    });
    const early = [cache.get('a')];
    await aTurn();
    time.ms = 500;
    early.push(cache.get('a'));
    time.ms = 501;
    await expect(cache.get('a')).rejects.toBeInstanceOf(DatabaseUnavailable);
    answer(new Map([['a', 'A']]));
    await aTurn();
    answer(new Map([['a', 'A']]));
    expect(await Promise.all(early)).toEqual(['A', 'A']);
  });

  it('takes no read that begins for one that has taken too long: who asks in the same moment shares it', async () => {
    const { cache, loads, time } = aCache({ longestReadMs: 500 });
    for (const nowMs of [60_000, 120_000]) {
      time.ms = nowMs;
      expect(await Promise.all(['a', 'b'].map((key) => cache.get(key)))).toEqual(['A', 'B']);
    }
    expect(loads).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
  });

  it('believes for a shorter time that there is nothing', async () => {
    const { cache, rows, time } = aCache();
    expect(await cache.get('new')).toBeNull();
    rows.set('new', 'N');
    time.ms = 500;
    expect(await cache.get('new')).toBeNull();
    time.ms = 501;
    expect(await cache.get('new')).toBe('N');
  });

  it('gives a younger answer to whoever asks for one', async () => {
    const { cache, rows, time } = aCache();
    await cache.get('a');
    rows.set('a', 'changed');
    time.ms = 300;
    expect(await cache.get('a', 200)).toBe('changed');
  });

  it('forgets what was invalidated, even by a change during the read', async () => {
    const { cache, rows } = aCache();
    await cache.get('a');
    rows.set('a', 'changed');
    cache.invalidate('a');
    expect(await cache.get('a')).toBe('changed');

    let release: (rows: Map<string, string>) => void = () => undefined;
    const slow = aCache({
      load: () => new Promise<Map<string, string>>((resolve) => (release = resolve)),
    }).cache;
    const early = slow.get('a');
    await new Promise(setImmediate);
    slow.invalidate('a');
    release(new Map([['a', 'old']]));
    expect(await early).toBe('old');
    expect(slow.peek('a')).toBeUndefined();
  });

  it('keeps no more entries than its size: the least recently used one goes', async () => {
    const { cache } = aCache({ size: 2 });
    await cache.get('a');
    await cache.get('b');
    cache.peek('a');
    await cache.get('c');
    expect(cache.peek('a')).toBe('A');
    expect(cache.peek('b')).toBeUndefined();
    expect(cache.peek('c')).toBe('C');
  });

  it('turns callers away when too many keys wait, and goes on afterwards', async () => {
    const { cache } = aCache({ maxWaiting: 2 });
    const answers = await Promise.allSettled(['a', 'b', 'c', 'a'].map((key) => cache.get(key)));
    expect(answers.map((answer) => answer.status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect((answers[2] as PromiseRejectedResult).reason).toBeInstanceOf(Overloaded);
    expect(await cache.get('c')).toBe('C');
  });

  it('tells all who waited of a failed read, keeps nothing of it, and reads again', async () => {
    let failing = true;
    const { cache } = aCache({
      load: async (keys) => {
        if (failing) throw new Error('database away');
        return new Map(keys.map((key) => [key, 'back']));
      },
    });
    const answers = await Promise.allSettled([cache.get('a'), cache.get('b')]);
    expect(answers.map((answer) => answer.status)).toEqual(['rejected', 'rejected']);
    failing = false;
    expect(await cache.get('a')).toBe('back');
  });
});
