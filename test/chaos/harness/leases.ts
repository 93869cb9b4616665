import { loadConfiguration } from '../../../apps/gateway/src/platform/config/index.js';

/** How long what nobody hears of is waited for, in milliseconds. */
export interface Leases {
  readonly providerTimeoutMs: number;
  readonly leaseMs: number;
  readonly graceMs: number;
}

/** Those of all runs that name no others, so that a takeover comes within seconds. */
export const shortLeases: Leases = { providerTimeoutMs: 1_000, leaseMs: 3_000, graceMs: 5_000 };

/** Of runs in which an answer that a busy machine delays is not to be taken for one that does not come. */
export const patientLeases: Leases = { providerTimeoutMs: 2_000, leaseMs: 5_000, graceMs: 7_500 };

/** Those of an installation that sets none. */
export function defaultLeases(): Leases {
  const { provider } = loadConfiguration({ NODE_ENV: 'test' }).configuration;
  return {
    providerTimeoutMs: provider.timeoutMs,
    leaseMs: provider.leaseMs,
    graceMs: provider.graceMs,
  };
}

/** As a gateway is told of them. */
export function variablesOf(leases: Leases): Record<string, string> {
  return {
    PROVIDER_TIMEOUT_MS: String(leases.providerTimeoutMs),
    LEASE_MS: String(leases.leaseMs),
    GRACE_MS: String(leases.graceMs),
  };
}

/** How long it may take until all is at rest after a blow. */
export function restMs({ leaseMs, graceMs }: Leases): number {
  return 70_000 + 3 * (leaseMs + graceMs);
}
