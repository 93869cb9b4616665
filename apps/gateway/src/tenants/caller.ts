import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Actor } from './actor.js';
import type { ScopeSet } from './scopes.js';
import type { DeliveryMode, TenantStatus } from './tenant.entity.js';

/** Who signed in with an API key. One object is shared by the requests of a few seconds: never written to. */
export interface Caller {
  readonly tenantId: string;
  readonly tenantStatus: TenantStatus;
  readonly apiKeyId: string;
  readonly scopes: ScopeSet;
  /** The accounts that the key is restricted to; null for all, later ones too. */
  readonly accountIds: readonly string[] | null;
  /** When the key ends; null for never. */
  readonly expiresAt: Date | null;
  /** The tenant's default, where neither message nor account names a mode. */
  readonly defaultDeliveryMode: DeliveryMode;
}

/** What the guards leave on a request. */
export interface SignedInRequest extends FastifyRequest {
  caller?: Caller;
  /** Fingerprint of the admin token. */
  operator?: string;
}

/** Whether the key may touch the account; its tenant is checked elsewhere. */
export function mayUseAccount(caller: Caller, accountId: string): boolean {
  return caller.accountIds === null || caller.accountIds.includes(accountId);
}

/** The caller behind the request; only under ApiKeyGuard. */
export const CurrentCaller = createParamDecorator(
  (_: unknown, context: ExecutionContext): Caller => {
    const { caller } = requestOf(context);
    if (caller === undefined)
      throw new Error('CurrentCaller needs ApiKeyGuard in front of the handler');
    return caller;
  },
);

/** The caller or operator, as the audit log names them; only under ApiKeyGuard or AdminGuard. */
export const CurrentActor = createParamDecorator((_: unknown, context: ExecutionContext): Actor => {
  const { caller, operator, id } = requestOf(context);
  if (caller !== undefined) return { kind: 'api_key', id: caller.apiKeyId, requestId: id };
  if (operator !== undefined) return { kind: 'admin_token', id: operator, requestId: id };
  throw new Error('CurrentActor needs ApiKeyGuard or AdminGuard in front of the handler');
});

export function requestOf(context: ExecutionContext): SignedInRequest {
  return context.switchToHttp().getRequest<SignedInRequest>();
}
