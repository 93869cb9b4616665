/** One line of the table of statuses. */
export interface ProviderStatus {
  readonly name: string;
  /** Whether no other status is expected after it. */
  readonly final: boolean;
}

/**
 * The documented statuses of a Viber message. New numbers will come: a number that is not listed here
 * is no error, it is kept as it is and is not final.
 */
export const providerStatuses: Readonly<Record<number, ProviderStatus>> = {
  0: { name: 'sent', final: false },
  1: { name: 'delivered', final: true },
  2: { name: 'error', final: true },
  3: { name: 'rejected', final: true },
  4: { name: 'undelivered', final: true },
  5: { name: 'pending', final: false },
  20: { name: 'unknown', final: false },
};

/** The documented statuses of the SMS that the provider sent in place of a Viber message. */
export const smsStatuses: Readonly<Record<number, string>> = {
  2: 'delivered',
  3: 'expired',
  5: 'undeliverable',
};

export interface FinalityOptions {
  /**
   * Whether status 2 (`error`) ends a message; the provider does not say.
   * @default true
   */
  status2Final?: boolean;
}

/** The documented name of a status, or null for a number that nobody has documented. */
export function statusName(status: number): string | null {
  return providerStatuses[status]?.name ?? null;
}

/** Whether a status ends a message. Numbers that nobody has documented do not. */
export function isFinalStatus(status: number, options: FinalityOptions = {}): boolean {
  if (status === 2) return options.status2Final ?? true;
  return providerStatuses[status]?.final ?? false;
}

/** The number of a documented status name, or null. */
export function statusNumber(name: string): number | null {
  return numbersByName.get(name.trim().toLowerCase()) ?? null;
}

const numbersByName = new Map(
  Object.entries(providerStatuses).map(([number, status]) => [status.name, Number(number)]),
);
