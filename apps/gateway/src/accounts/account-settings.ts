import type { DeliveryMode } from '../tenants/index.js';
import type { Account, Category, WhenPaused } from './account.entity.js';
import { DefaultSenderNotListed } from './accounts.errors.js';
import type { KeylessConnection } from './connection-store.js';

/** What an account says of its messages. */
export interface AccountDefaults {
  readonly name: string;
  /** Empty: any. */
  readonly senders: readonly string[];
  readonly defaultSender: string | null;
  readonly defaultCategory: Category | null;
  readonly defaultDeliveryMode: DeliveryMode | null;
  readonly whenPaused: WhenPaused;
}

/** What a tenant sets of an account of its own. */
export interface AccountSettings extends AccountDefaults {
  /** Of its connection. */
  readonly maxPerSecond: number | null;
}

export interface NewAccount extends AccountSettings {
  readonly providerKey: string;
}

/** @throws DefaultSenderNotListed */
export function assertSenderListed({ senders, defaultSender }: AccountDefaults): void {
  if (defaultSender === null || senders.length === 0 || senders.includes(defaultSender)) return;
  throw new DefaultSenderNotListed();
}

export function settingsOf(account: Account, { maxPerSecond }: KeylessConnection): AccountSettings {
  return { ...accountColumns(account), maxPerSecond };
}

export function accountColumns(settings: AccountDefaults): AccountDefaults & { senders: string[] } {
  const { name, senders, defaultSender, defaultCategory, defaultDeliveryMode } = settings;
  const { whenPaused } = settings;
  return {
    name,
    senders: [...senders],
    defaultSender,
    defaultCategory,
    defaultDeliveryMode,
    whenPaused,
  };
}

/** As the audit log keeps them. */
export function audited(settings: AccountSettings): Record<string, unknown> {
  return { ...auditedDefaults(settings), max_per_second: settings.maxPerSecond };
}

export function auditedDefaults(settings: AccountDefaults): Record<string, unknown> {
  return {
    name: settings.name,
    senders: settings.senders,
    default_sender: settings.defaultSender,
    default_category: settings.defaultCategory,
    default_delivery_mode: settings.defaultDeliveryMode,
    when_paused: settings.whenPaused,
  };
}
