import type { AccountSettings, NewAccount } from './account-settings.js';
import type { CreateAccountDto, UpdateAccountDto } from './dto/account-settings.dto.js';

export function newAccount(body: CreateAccountDto): NewAccount {
  return {
    name: body.name,
    senders: body.senders ?? [],
    defaultSender: body.default_sender ?? null,
    defaultCategory: body.default_category ?? null,
    defaultDeliveryMode: body.default_delivery_mode ?? null,
    whenPaused: body.when_paused ?? 'hold',
    maxPerSecond: body.max_per_second ?? null,
    providerKey: body.provider_key,
  };
}

/** Only what the body names: null takes a value away, absence leaves it. */
export function changedSettings(body: UpdateAccountDto): Partial<AccountSettings> {
  const changes = {
    name: body.name,
    senders: body.senders,
    defaultSender: body.default_sender,
    defaultCategory: body.default_category,
    defaultDeliveryMode: body.default_delivery_mode,
    whenPaused: body.when_paused,
    maxPerSecond: body.max_per_second,
  };
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}
