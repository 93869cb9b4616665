import type { DeliveryMode } from '../tenants/index.js';
import type { Account, Category, WhenPaused } from './account.entity.js';
import { DefaultSenderNotListed } from './accounts.errors.js';
import type { Connection } from './connection.entity.js';

export interface AccountSettings {
  readonly name: string;
  readonly senders: readonly string[];
  readonly defaultSender: string | null;
  readonly defaultCategory: Category | null;
  readonly defaultDeliveryMode: DeliveryMode | null;
  readonly whenPaused: WhenPaused;
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
  const { maxPerSecond } = connection;
  return { ...accountColumns(account), maxPerSecond };
}

export function accountColumns(settings: Omit<AccountSettings, 'maxPerSecond'>) {
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
  return {
    name: settings.name,
    senders: settings.senders,
    default_sender: settings.defaultSender,
    default_category: settings.defaultCategory,
    default_delivery_mode: settings.defaultDeliveryMode,
    when_paused: settings.whenPaused,
    max_per_second: settings.maxPerSecond,
  };
}
