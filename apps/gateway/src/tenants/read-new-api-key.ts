import { InvalidRequest } from '../platform/errors/index.js';
import type { NewApiKey } from './api-keys.service.js';
import type { CreateApiKeyDto } from './dto/api-key.dto.js';
import { readIdAt } from './require-id.js';

/**
 * A key as its maker asks for it; null for what it leaves out.
 * @throws InvalidRequest
 */
export function readNewApiKey(body: CreateApiKeyDto, nowMs: number): NewApiKey {
  return {
    name: body.name,
    scopes: body.scopes,
    accountIds:
      body.account_ids?.map((id, index) => readIdAt(`/account_ids/${index}`, 'acc', id)) ?? null,
    expiresAt: readExpiry(body.expires_at, nowMs),
  };
}

/** @throws InvalidRequest for a time without an offset, or one that is over */
export function readExpiry(text: string | null | undefined, nowMs: number): Date | null {
  if (text == null) return null;
  const at = new Date(text);
  if (/(Z|[+-]\d{2}:?\d{2})$/i.test(text) && at.getTime() > nowMs) return at;
  const detail = 'expires_at must be a time ahead, with an offset.';
  throw new InvalidRequest([{ pointer: '/expires_at', code: 'not_ahead', detail }]);
}
