import type { ExecutionContext } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import type { Configuration } from '../platform/config/index.js';
import { sha256 } from '../platform/crypto/index.js';
import { Unauthenticated } from '../platform/errors/index.js';
import { AdminGuard } from './admin.guard.js';

const tokens = ['first-admin-token-0123456789abcdef', 'second-admin-token-0123456789abcdef'];

function present(authorization: string | undefined, adminTokens = tokens) {
  const request: { operator?: string; headers: object } = { headers: { authorization } };
  const context = {
    switchToHttp: () => ({ getRequest: () => request }),
    getHandler: () => present,
    getClass: () => AdminGuard,
  } as unknown as ExecutionContext;
  new AdminGuard({ adminTokens } as unknown as Configuration).canActivate(context);
  return request.operator;
}

describe('AdminGuard', () => {
  it.each(tokens)('takes any of the tokens, and names it by its fingerprint', (token) => {
    expect(present(`Bearer ${token}`)).toBe(sha256(token).toString('hex').slice(0, 8));
  });

  it.each([
    undefined,
    '',
    'Bearer ',
    `Basic ${tokens[0]}`,
    `Bearer ${tokens[0]}x`,
    `Bearer ${tokens.join(',')}`,
  ])('turns away %j', (authorization) => {
    expect(() => present(authorization)).toThrow(Unauthenticated);
  });

  it('lets nobody in where there is no token, or an empty one', () => {
    expect(() => present('Bearer x', [])).toThrow(Unauthenticated);
    expect(() => present(undefined, [''])).toThrow(Unauthenticated);
  });
});
