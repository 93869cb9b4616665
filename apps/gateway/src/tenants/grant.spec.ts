import { describe, expect, it } from '@jest/globals';
import type { Caller } from './caller.js';
import { assertMayGrant, type Grant } from './grant.js';
import { ScopeSet } from './scopes.js';
import { AccountNotAllowed, InsufficientScope, LifetimeNotAllowed } from './tenants.errors.js';

const soon = new Date('2026-04-01T00:00:00Z');
const later = new Date('2026-05-01T00:00:00Z');

function aCaller(
  change: { scopes?: string[]; accountIds?: string[] | null; expiresAt?: Date | null } = {},
): Caller {
  const { scopes = ['*'], accountIds = null, expiresAt = null } = change;
  return {
    tenantId: 't',
    tenantStatus: 'active',
    apiKeyId: 'k',
    scopes: new ScopeSet(scopes),
    accountIds,
    expiresAt,
    defaultDeliveryMode: 'at_most_once',
  };
}

const all: Grant = { scopes: ['*'], accountIds: null, expiresAt: null };

describe('assertMayGrant', () => {
  it('lets a key with everything give everything', () => {
    expect(() => assertMayGrant(aCaller(), all)).not.toThrow();
  });

  it.each([[['messages:send', 'keys:write']], [['*']]])(
    'refuses %j from a key that lacks it, and names the scope',
    (scopes) => {
      const caller = aCaller({ scopes: ['messages:send'] });
      expect(() => assertMayGrant(caller, { ...all, scopes })).toThrow(InsufficientScope);
      expect(() => assertMayGrant(caller, { ...all, scopes })).toThrow(scopes.at(-1));
    },
  );

  it('refuses accounts that the key is not restricted to, and no restriction at all', () => {
    const caller = aCaller({ accountIds: ['a', 'b'] });
    expect(() => assertMayGrant(caller, { ...all, accountIds: ['b'] })).not.toThrow();
    expect(() => assertMayGrant(caller, { ...all, accountIds: ['b', 'c'] })).toThrow(
      AccountNotAllowed,
    );
    expect(() => assertMayGrant(caller, all)).toThrow(AccountNotAllowed);
  });

  it('refuses a life longer than its own', () => {
    const caller = aCaller({ expiresAt: soon });
    expect(() => assertMayGrant(caller, { ...all, expiresAt: soon })).not.toThrow();
    expect(() => assertMayGrant(caller, { ...all, expiresAt: later })).toThrow(LifetimeNotAllowed);
    expect(() => assertMayGrant(caller, all)).toThrow(LifetimeNotAllowed);
  });
});
