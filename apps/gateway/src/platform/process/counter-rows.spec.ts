import { describe, expect, it } from '@jest/globals';
import { CounterRows } from './counter-rows.js';

const use = (rows: CounterRows, ...tenants: string[]): Record<string, string> =>
  JSON.parse(rows.of(tenants)) as Record<string, string>;

describe('the rows that a process counts by', () => {
  it('are one for each tenant, the same from time to time', () => {
    const rows = new CounterRows();
    const first = use(rows, 'a', 'b', 'a');
    expect(Object.keys(first)).toEqual(['a', 'b']);
    expect(first['a']).not.toBe(first['b']);
    expect(use(rows, 'b', 'a')).toEqual(first);
    expect(use(new CounterRows(), 'a')['a']).not.toBe(first['a']);
  });

  it('change after a thousand uses, each for itself', () => {
    const rows = new CounterRows();
    const first = use(rows, 'busy', 'quiet');
    for (let n = 1; n < 1_000; n += 1) expect(use(rows, 'busy')['busy']).toBe(first['busy']);
    const second = use(rows, 'busy', 'quiet');
    expect(second['busy']).not.toBe(first['busy']);
    expect(second['quiet']).toBe(first['quiet']);
    expect(use(rows, 'busy')['busy']).toBe(second['busy']);
  });

  it('are forgotten where they are too many', () => {
    const rows = new CounterRows();
    const first = use(rows, 'a');
    for (let n = 1; n < 10_000; n += 1) use(rows, `t${n}`);
    expect(use(rows, 'a')).toEqual(first);
    use(rows, 'one more');
    expect(use(rows, 'a')).not.toEqual(first);
  });
});
