import { describe, expect, it } from '@jest/globals';
import { afterPause, afterResume, pauseOf, stateOf, type PausedBy } from './lane-pause.js';

describe('pauses of people', () => {
  it.each<[PausedBy | null, 'tenant' | 'operator', PausedBy]>([
    [null, 'tenant', 'tenant'],
    ['tenant', 'tenant', 'tenant'],
    ['operator', 'tenant', 'both'],
    ['tenant', 'operator', 'both'],
    ['both', 'operator', 'both'],
    ['deletion', 'operator', 'deletion'],
  ])('held by %s, paused by the %s: held by %s', (held, pauser, then) => {
    expect(afterPause(held, pauser)).toBe(then);
  });

  it.each<[PausedBy | null, 'tenant' | 'operator', PausedBy | null]>([
    ['tenant', 'tenant', null],
    ['operator', 'operator', null],
    ['both', 'tenant', 'operator'],
    ['both', 'operator', 'tenant'],
    ['operator', 'tenant', 'operator'],
    ['tenant', 'operator', 'tenant'],
    ['deletion', 'operator', 'deletion'],
    [null, 'tenant', null],
  ])('held by %s, resumed by the %s: held by %s', (held, pauser, then) => {
    expect(afterResume(held, pauser)).toBe(then);
  });
});

describe('pauseOf', () => {
  const since = new Date();
  const none = {
    tenant_suspended_at: null,
    paused_at: null,
    paused_by: null,
    pause_reason: null,
    connection_paused_at: null,
    connection_pause_reason: null,
  };

  it('is active without a pause', () => {
    expect(pauseOf(none)).toBeNull();
    expect(stateOf(null)).toBe('active');
  });

  it('shows the suspension of the tenant before everything else', () => {
    const paused = { ...none, paused_at: new Date(0), paused_by: 'tenant' as const };
    expect(pauseOf({ ...paused, tenant_suspended_at: since })).toEqual({
      by: 'operator',
      reason: 'tenant_suspended',
      since,
    });
  });

  it('shows people’s pause before the provider’s, and the operator’s before the tenant’s', () => {
    const provider = {
      ...none,
      connection_paused_at: since,
      connection_pause_reason: 'balance_empty',
    };
    expect(pauseOf(provider)).toEqual({ by: 'provider', reason: 'balance_empty', since });
    expect(stateOf(pauseOf(provider))).toBe('connection_paused');
    const both = {
      ...provider,
      paused_at: since,
      paused_by: 'both' as const,
      pause_reason: 'spam',
    };
    expect(pauseOf(both)).toEqual({ by: 'operator', reason: 'spam', since });
    expect(stateOf(pauseOf(both))).toBe('paused');
    expect(pauseOf({ ...both, paused_by: 'tenant' })?.by).toBe('tenant');
  });
});
