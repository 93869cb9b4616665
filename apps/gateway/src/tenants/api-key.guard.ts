import { timingSafeEqual } from 'node:crypto';
import { Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Clock } from '../platform/clock/index.js';
import { Unauthenticated } from '../platform/errors/index.js';
import { bindToRequestLog, refuseUnaskedInput } from '../platform/http/index.js';
import { ApiKeyDirectory, type KnownApiKey } from './api-key-directory.js';
import { readApiKey } from './api-key-secret.js';
import { bearerToken } from './bearer-token.js';
import { requestOf, type SignedInRequest } from './caller.js';
import { KeyUseRecorder } from './key-use-recorder.js';
import type { Scope } from './scopes.js';
import {
  ApiKeyExpired,
  ApiKeyRevoked,
  InsufficientScope,
  TenantSuspended,
} from './tenants.errors.js';

const requiredScope = Symbol('required scope');
const anyScope = Symbol('any scope');

/** The scope that a handler, or each handler of a controller, needs. */
export const RequireScope = (scope: Scope) => SetMetadata(requiredScope, scope);

/** Lets every valid key in. Without this or RequireScope the guard lets nobody in. */
export const AllowAnyScope = () => SetMetadata(requiredScope, anyScope);

/**
 * Signs the tenant's backend in by `Authorization: Bearer <API key>`. A suspended tenant may read, and
 * nothing else. With a cached key this costs one SHA-256 and no waiting.
 */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  constructor(
    private readonly directory: ApiKeyDirectory,
    private readonly uses: KeyUseRecorder,
    private readonly clock: Clock,
    private readonly reflector: Reflector,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const request = requestOf(context);
    const presented = readApiKey(this.keyOf(request));
    if (presented === null) throw new Unauthenticated();
    const known = this.directory.peek(presented.prefix);
    if (known !== undefined) return this.admit(context, presented.hash, known);
    return this.directory
      .find(presented.prefix, request.deadline.remainingMs)
      .then((key) => this.admit(context, presented.hash, key));
  }

  /** The key that the request presents; empty where it presents none. */
  protected keyOf({ headers }: SignedInRequest): string {
    return bearerToken(headers.authorization);
  }

  /** Whether the request changes nothing. */
  protected isReading({ method }: SignedInRequest, _scope: Scope | typeof anyScope): boolean {
    return method === 'GET' || method === 'HEAD';
  }

  private admit(context: ExecutionContext, hash: Buffer, key: KnownApiKey | null): true {
    if (key === null || !timingSafeEqual(key.hash, hash)) throw new Unauthenticated();
    // Told apart only to whoever holds the right secret.
    if (key.revoked) throw new ApiKeyRevoked();
    const { caller } = key;
    const request = requestOf(context);
    const scope = this.scopeOf(context);
    if (caller.expiresAt !== null && caller.expiresAt.getTime() <= this.clock.nowMs()) {
      throw new ApiKeyExpired();
    }
    if (caller.tenantStatus === 'suspended' && !this.isReading(request, scope)) {
      throw new TenantSuspended();
    }
    if (scope !== anyScope && !caller.scopes.has(scope)) throw new InsufficientScope(scope);
    this.uses.note(caller);
    refuseUnaskedInput(context);
    request.caller = caller;
    bindToRequestLog(request, { tenantId: caller.tenantId });
    return true;
  }

  private scopeOf(context: ExecutionContext): Scope | typeof anyScope {
    const places = [context.getHandler(), context.getClass()];
    const scope = this.reflector.getAllAndOverride<Scope | typeof anyScope | undefined>(
      requiredScope,
      places,
    );
    if (scope === undefined) {
      throw new Error(`${context.getClass().name}.${context.getHandler().name} names no scope`);
    }
    return scope;
  }
}
