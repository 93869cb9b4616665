import { describe, expect, it } from '@jest/globals';
import { ProviderRoute } from './provider-route.js';

describe('the way to the provider', () => {
  it('is right until it was found wrong, and news is told once', () => {
    const route = new ProviderRoute();
    expect(route.isWrongAddress).toBe(false);
    expect(route.foundRight()).toBe(false);
    expect(route.foundWrong(0)).toBe(true);
    expect(route.foundWrong(1)).toBe(false);
    expect(route.isWrongAddress).toBe(true);
    expect(route.foundRight()).toBe(true);
    expect(route.foundRight()).toBe(false);
    expect(route.isWrongAddress).toBe(false);
  });

  it('is asked every 30 seconds while it is wrong, by one asker', () => {
    const route = new ProviderRoute();
    expect(route.claimQuestion(100_000)).toBe(false);
    route.foundWrong(100_000);
    expect(route.claimQuestion(129_999)).toBe(false);
    expect(route.claimQuestion(130_000)).toBe(true);
    expect(route.claimQuestion(130_001)).toBe(false);
    // What is found wrong again does not put the question off.
    route.foundWrong(150_000);
    expect(route.claimQuestion(160_000)).toBe(true);
    route.foundRight();
    expect(route.claimQuestion(200_000)).toBe(false);
  });
});
