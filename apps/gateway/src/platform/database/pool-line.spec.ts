import { beforeEach, describe, expect, it } from '@jest/globals';
import { PoolLine } from './pool-line.js';

let nowMs: number;

beforeEach(() => {
  nowMs = 1_000;
});

function lineOf(size: number, servedMs: readonly number[]): PoolLine {
  const line = new PoolLine(size, () => nowMs);
  for (const ms of servedMs) serve(line, ms);
  return line;
}

function serve(line: PoolLine, ms: number): void {
  const end = line.begin();
  nowMs += ms;
  end();
}

const always = (ms: number): number[] => Array.from({ length: 100 }, () => ms);

describe('the line in front of a pool', () => {
  it('is too long where a newcomer would wait for more than half a second', () => {
    const line = lineOf(1, always(50));
    expect(line.isTooLong(9)).toBe(false);
    expect(line.isTooLong(11)).toBe(true);
  });

  it('may be as much longer as there are connections', () => {
    const line = lineOf(4, always(50));
    expect(line.isTooLong(39)).toBe(false);
    expect(line.isTooLong(41)).toBe(true);
  });

  it('is never too long where nobody waits, nor before anything was served', () => {
    expect(lineOf(1, always(30_000)).isTooLong(0)).toBe(false);
    expect(lineOf(1, []).isTooLong(1_000)).toBe(false);
  });

  it('forgets a slow one within some dozens of quick ones', () => {
    const line = lineOf(1, [...always(5), 30_000]);
    expect(line.isTooLong(10)).toBe(true);
    for (const ms of always(5)) serve(line, ms);
    expect(line.isTooLong(90)).toBe(false);
  });

  it('is too long, however quick all was before, while no connection comes back', () => {
    const line = lineOf(2, always(1));
    const ends = [line.begin(), line.begin()];
    nowMs += 400;
    expect(line.isTooLong(2)).toBe(false);
    nowMs += 200;
    expect(line.isTooLong(2)).toBe(true);
    ends[0]?.();
    expect(line.isTooLong(2)).toBe(false);
  });

  it('is short after hours in which nobody came', () => {
    const line = lineOf(1, always(5));
    nowMs += 3_600_000;
    line.begin();
    expect(line.isTooLong(10)).toBe(false);
  });
});
