import type { AccountDefaults, AccountSettings, NewAccount } from './account-settings.js';
import type {
  AccountDefaultsDto,
  CreateAccountDto,
  UpdateAccountDto,
} from './dto/account-settings.dto.js';
import type {
  CreateManagedAccountDto,
  UpdateManagedAccountDto,
} from './dto/managed-account.dto.js';
import type { ManagedSettings } from './managed-accounts.service.js';

export function newAccount(body: CreateAccountDto): NewAccount {
  return {
    ...newDefaults(body),
    maxPerSecond: body.max_per_second ?? null,
    providerKey: body.provider_key,
  };
}

export function managedSettings(body: CreateManagedAccountDto): ManagedSettings {
  return { ...newDefaults(body), weight: body.weight ?? 1 };
}

/** Only what the body names: null takes a value away, absence leaves it. */
export function changedSettings(body: UpdateAccountDto): Partial<AccountSettings> {
  return given({ ...changedDefaults(body), maxPerSecond: body.max_per_second });
}

/** Only what the body names: null takes a value away, absence leaves it. */
export function changedManagedSettings(body: UpdateManagedAccountDto): Partial<ManagedSettings> {
  return given({ ...changedDefaults(body), weight: body.weight });
}

type NamedDefaults = AccountDefaultsDto & { name: string; senders?: string[] };

function newDefaults(body: NamedDefaults): AccountDefaults {
  return {
    name: body.name,
    senders: body.senders ?? [],
    defaultSender: body.default_sender ?? null,
    defaultCategory: body.default_category ?? null,
    defaultDeliveryMode: body.default_delivery_mode ?? null,
    whenPaused: body.when_paused ?? 'hold',
  };
}

function changedDefaults(body: Partial<NamedDefaults>) {
  return {
    name: body.name,
    senders: body.senders,
    defaultSender: body.default_sender,
    defaultCategory: body.default_category,
    defaultDeliveryMode: body.default_delivery_mode,
    whenPaused: body.when_paused,
  };
}

function given<Changes extends object>(changes: Changes): Partial<Changes> {
  const named = Object.entries(changes).filter(([, value]) => value !== undefined);
  return Object.fromEntries(named) as Partial<Changes>;
}
