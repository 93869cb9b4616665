import { Injectable } from '@nestjs/common';
import { ApiKeyGuard, type SignedInRequest } from '../tenants/index.js';
import { basicKey } from './basic-key.js';

/** Signs a client of the provider's in, whose user hash key is an API key of ours. */
@Injectable()
export class ProviderKeyGuard extends ApiKeyGuard {
  protected override keyOf({ headers }: SignedInRequest): string {
    return basicKey(headers.authorization);
  }

  // Both calls are POST: the scope tells which one only looks.
  protected override isReading(_request: SignedInRequest, scope: unknown): boolean {
    return scope === 'messages:read';
  }
}
