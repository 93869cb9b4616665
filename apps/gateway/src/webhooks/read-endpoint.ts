import { readInstant } from '../messages/index.js';
import { InvalidRequest } from '../platform/errors/index.js';
import { readIdAt } from '../tenants/index.js';
import type { ReplayWebhooksDto } from './dto/webhook-delivery.dto.js';
import type {
  CreateWebhookEndpointDto,
  UpdateWebhookEndpointDto,
} from './dto/webhook-endpoint.dto.js';
import type { ReplayRequest } from './webhook-deliveries.js';
import type { EndpointChanges, EndpointSettings } from './webhook-endpoints.service.js';

/** @throws InvalidRequest */
export function newEndpoint(body: CreateWebhookEndpointDto): EndpointSettings {
  return {
    url: body.url,
    events: body.events ?? null,
    accountIds: readAccounts(body.account_ids),
    description: body.description ?? null,
  };
}

/** What the body names. @throws InvalidRequest */
export function changedEndpoint(body: UpdateWebhookEndpointDto): EndpointChanges {
  return {
    ...(body.url === undefined ? {} : { url: body.url }),
    ...(body.events === undefined ? {} : { events: body.events }),
    ...(body.account_ids === undefined ? {} : { accountIds: readAccounts(body.account_ids) }),
    ...(body.description === undefined ? {} : { description: body.description }),
    ...(body.status === undefined ? {} : { status: body.status }),
  };
}

/** @throws InvalidRequest */
export function readReplay(body: ReplayWebhooksDto): ReplayRequest {
  const [sinceMs, untilMs] = [readInstant(body.since) ?? 0, readInstant(body.until) ?? 0];
  if (untilMs <= sinceMs) {
    const detail = 'until must be later than since.';
    throw new InvalidRequest([{ pointer: '/until', code: 'not_ahead', detail }]);
  }
  return { sinceMs, untilMs, types: body.types ?? null };
}

function readAccounts(ids: readonly string[] | null | undefined): string[] | null {
  return ids?.map((id, index) => readIdAt(`/account_ids/${index}`, 'acc', id)) ?? null;
}
