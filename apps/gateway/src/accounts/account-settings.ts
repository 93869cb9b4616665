import type { DeliveryMode } from '../tenants/index.js';
import type { Account, Category } from './account.entity.js';
import { DefaultSenderNotListed } from './accounts.errors.js';
import type { Connection } from './connection.entity.js';

export interface AccountSettings {
  readonly name: string;
  readonly senders: readonly string[];
  readonly defaultSender: string | null;
  readonly defaultCategory: Category | null;
  readonly defaultDeliveryMode: DeliveryMode | null;
  /** Of its connection. */
  readonly maxPerSecond: number | null;
}

export interface NewAccount extends AccountSettings {
  readonly providerKey: string;
}

/** @throws DefaultSenderNotListed */
export function assertSenderListed({ senders, defaultSender }: AccountSettings): void {
  if (defaultSender === null || senders.length === 0 || senders.includes(defaultSender)) return;
  throw new DefaultSenderNotListed();
}

export function settingsOf(account: Account, connection: Connection): AccountSettings {
  const { name, senders, defaultSender, defaultCategory, defaultDeliveryMode } = account;
  const { maxPerSecond } = connection;
  return { name, senders, defaultSender, defaultCategory, defaultDeliveryMode, maxPerSecond };
}

export function accountColumns(settings: AccountSettings) {
  const { name, senders, defaultSender, defaultCategory, defaultDeliveryMode } = settings;
  return { name, senders: [...senders], defaultSender, defaultCategory, defaultDeliveryMode };
}

/** As the audit log keeps them. */
export function audited(settings: AccountSettings): Record<string, unknown> {
  return {
    name: settings.name,
    senders: settings.senders,
    default_sender: settings.defaultSender,
    default_category: settings.defaultCategory,
    default_delivery_mode: settings.defaultDeliveryMode,
    max_per_second: settings.maxPerSecond,
  };
}
