import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { describe, expect, it } from '@jest/globals';
import { Clock } from '../platform/clock/index.js';
import { Deadline } from '../platform/deadline/index.js';
import { AppError } from '../platform/errors/index.js';
import type { ApiKeyDirectory, KnownApiKey } from './api-key-directory.js';
import { makeApiKey, readApiKey } from './api-key-secret.js';
import { AllowAnyScope, ApiKeyGuard, RequireScope } from './api-key.guard.js';
import type { Caller } from './caller.js';
import type { KeyUseRecorder } from './key-use-recorder.js';
import { ScopeSet } from './scopes.js';

class Handlers {
  @RequireScope('messages:send')
  send(): void {}

  @AllowAnyScope()
  any(): void {}

  unmarked(): void {}
}

const key = makeApiKey();
const { prefix, hash } = readApiKey(key) as NonNullable<ReturnType<typeof readApiKey>>;

interface Situation {
  readonly authorization?: string | undefined;
  readonly handler?: 'send' | 'any' | 'unmarked';
  readonly method?: string;
  readonly caller?: Partial<Caller>;
  readonly revoked?: boolean;
  readonly cached?: boolean;
}

async function admit(situation: Situation = {}) {
  const known: KnownApiKey = {
    hash,
    revoked: situation.revoked ?? false,
    caller: {
      tenantId: 't',
      tenantStatus: 'active',
      apiKeyId: 'k',
      scopes: new ScopeSet(['messages:send']),
      accountIds: null,
      expiresAt: null,
      defaultDeliveryMode: 'at_most_once',
      ...situation.caller,
    },
  };
  const found = (asked: string) => (asked === prefix ? known : null);
  const directory = {
    peek: (asked: string) => (situation.cached === false ? undefined : found(asked)),
    find: async (asked: string) => found(asked),
  } as unknown as ApiKeyDirectory;
  const noted: string[] = [];
  const uses = {
    note: (caller: Caller) => noted.push(caller.apiKeyId),
  } as unknown as KeyUseRecorder;
  const guard = new ApiKeyGuard(directory, uses, new Clock(), new Reflector());
  const authorization = 'authorization' in situation ? situation.authorization : `Bearer ${key}`;
  const request: { caller?: Caller; method: string; headers: object; deadline: Deadline } = {
    method: situation.method ?? 'POST',
    headers: { authorization },
    deadline: Deadline.in(60_000),
  };
  const context = {
    switchToHttp: () => ({ getRequest: () => request }),
    getHandler: () => Handlers.prototype[situation.handler ?? 'send'],
    getClass: () => Handlers,
  } as unknown as ExecutionContext;
  const outcome = (async () => guard.canActivate(context))();
  const code = await outcome.then(
    () => 'admitted',
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );
  return { code, caller: request.caller, noted };
}

describe('ApiKeyGuard', () => {
  it.each([true, false])('lets a valid key in, cached: %s, and notes its use', async (cached) => {
    const { code, caller, noted } = await admit({ cached });
    expect(code).toBe('admitted');
    expect(caller?.tenantId).toBe('t');
    expect(noted).toEqual(['k']);
  });

  it.each([
    ['no key', undefined],
    ['another scheme', `Basic ${key}`],
    ['an unknown key', `Bearer ${makeApiKey()}`],
    [
      'a known prefix with another secret',
      `Bearer ${key.slice(0, -1)}${key.endsWith('a') ? 'b' : 'a'}`,
    ],
    ['no text of a key', 'Bearer nonsense'],
  ])('turns away %s', async (_, authorization) => {
    const { code, caller, noted } = await admit({ authorization });
    expect(code).toBe('unauthenticated');
    expect(caller).toBeUndefined();
    expect(noted).toEqual([]);
  });

  it('tells revoked and expired apart only to whoever holds the key', async () => {
    const ended = { revoked: true, caller: { expiresAt: new Date(0) } };
    expect((await admit(ended)).code).toBe('api_key_revoked');
    expect((await admit({ caller: { expiresAt: new Date(0) } })).code).toBe('api_key_expired');
    const guessed = `Bearer ${key.slice(0, -2)}__`;
    expect((await admit({ ...ended, authorization: guessed })).code).toBe('unauthenticated');
  });

  it('asks for the scope of the handler', async () => {
    const caller = { scopes: new ScopeSet(['messages:read']) };
    expect((await admit({ caller })).code).toBe('insufficient_scope');
    expect((await admit({ caller, handler: 'any' })).code).toBe('admitted');
    expect((await admit({ caller: { scopes: new ScopeSet(['*']) } })).code).toBe('admitted');
  });

  it('lets a suspended tenant read, and nothing else', async () => {
    const caller = { tenantStatus: 'suspended' as const };
    expect((await admit({ caller })).code).toBe('tenant_suspended');
    expect((await admit({ caller, method: 'DELETE' })).code).toBe('tenant_suspended');
    expect((await admit({ caller, method: 'GET' })).code).toBe('admitted');
  });

  it('lets nobody into a handler that names no scope', async () => {
    const { code } = await admit({ handler: 'unmarked', caller: { scopes: new ScopeSet(['*']) } });
    expect(code).toContain('names no scope');
  });
});
