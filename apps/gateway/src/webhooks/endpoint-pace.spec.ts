import { beforeEach, describe, expect, it } from '@jest/globals';
import { EndpointPaces } from './endpoint-pace.js';

const nothing = { total: 0, slow: 0 };
let paces: EndpointPaces;

beforeEach(() => {
  paces = new EndpointPaces({ total: 8, perEndpoint: 4 }, () => 0);
});

function quick(endpoint: string, times: number): void {
  for (let n = 0; n < times; n++) paces.begin(endpoint, 0)('well', 10);
}

describe('the pace of an endpoint', () => {
  it('begins with one call, doubles with each that goes well, and is bounded', () => {
    expect(paces.room('a', 0, nothing)).toBe(1);
    quick('a', 1);
    expect(paces.room('a', 0, nothing)).toBe(2);
    quick('a', 5);
    expect(paces.room('a', 0, nothing)).toBe(4);
  });

  it('falls to one call with the first that fails, and with slow answers', () => {
    quick('a', 5);
    paces.begin('a', 0)('wrong', 10);
    expect(paces.room('a', 1, nothing)).toBe(1);
    quick('b', 5);
    paces.begin('b', 0)('well', 9_000);
    expect(paces.room('b', 0, nothing)).toBe(1);
  });

  it('is one probe at a time while the breaker is open', () => {
    quick('a', 5);
    expect(paces.room('a', 5, nothing)).toBe(1);
    paces.begin('a', 5);
    expect(paces.room('a', 5, nothing)).toBe(0);
  });

  it('leaves half of the sockets to those that answer, however many do not', () => {
    quick('good', 3);
    let granted = 0;
    for (let n = 0; n < 100; n++) {
      if (paces.room(`dead ${n}`, 0, nothing) === 0) continue;
      granted += 1;
      paces.begin(`dead ${n}`, 0);
    }
    expect(granted).toBe(4);
    expect(paces.room('good', 0, nothing)).toBe(4);
    expect(paces.room('good', 0, { total: 2, slow: 0 })).toBe(2);
  });
});
