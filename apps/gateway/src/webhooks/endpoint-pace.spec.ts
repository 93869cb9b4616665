import { beforeEach, describe, expect, it } from '@jest/globals';
import { EndpointPaces } from './endpoint-pace.js';

let paces: EndpointPaces;

beforeEach(() => {
  paces = new EndpointPaces({ total: 8, perEndpoint: 4 }, () => 0);
});

function begin(endpoint: string, failures = 0) {
  paces.claimed(endpoint, 1);
  return paces.begin(endpoint, failures);
}

function quick(endpoint: string, times: number): void {
  for (let n = 0; n < times; n++) begin(endpoint)('well', 10);
}

/** How many calls to the endpoint may be under way beside those that are. */
function window(endpoint: string, failures = 0): number {
  const ends = [];
  while (paces.mayBegin(endpoint, failures)) ends.push(paces.begin(endpoint, failures));
  paces.claimed(endpoint, ends.length);
  // As quick as it was, so that nothing is learned by it.
  const count = ends.length;
  for (const end of ends) end('well', 10);
  return count;
}

describe('the pace of an endpoint', () => {
  it('begins with one call, doubles with each that goes well, and is bounded', () => {
    const first = begin('a');
    expect(paces.mayBegin('a', 0)).toBe(false);
    first('well', 10);
    const both = [begin('a'), begin('a')];
    expect(paces.mayBegin('a', 0)).toBe(false);
    for (const end of both) end('well', 10);
    quick('a', 5);
    expect(window('a')).toBe(4);
  });

  it('falls to one call with the first that fails, and with slow answers', () => {
    quick('a', 5);
    begin('a')('wrong', 10);
    expect(paces.room('a', 1)).toBe(1);
    quick('b', 5);
    begin('b')('well', 9_000);
    expect(paces.room('b', 0)).toBe(1);
  });

  it('is one probe at a time while the breaker is open', () => {
    quick('a', 5);
    expect(paces.room('a', 5)).toBe(1);
    begin('a', 5);
    expect(paces.room('a', 5)).toBe(0);
    expect(paces.mayBegin('a', 5)).toBe(false);
  });

  it('claims ahead for a quick one, in handfuls, and for no other', () => {
    expect(paces.room('a', 0)).toBe(1);
    quick('a', 5);
    expect(paces.room('a', 0)).toBe(32);
    paces.claimed('a', 20);
    expect(paces.room('a', 0)).toBe(0);
    paces.released('a', 10);
    expect(paces.room('a', 0)).toBe(22);
  });

  it('leaves half of the sockets to those that answer, however many do not', () => {
    quick('good', 3);
    let granted = 0;
    for (let n = 0; n < 100; n++) {
      if (paces.room(`dead ${n}`, 0) === 0) continue;
      granted += 1;
      begin(`dead ${n}`);
    }
    expect(granted).toBe(4);
    expect(window('good')).toBe(4);
  });
});
