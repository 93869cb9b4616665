/** What a gateway is told of time-outs and leases where its loops run: a stall of a second is no answer that did not come. */
export const calmTimes = {
  PROVIDER_TIMEOUT_MS: '5000',
  LEASE_MS: '12500',
  GRACE_MS: '20000',
} as const;

/** Where no lease and no deadline is to end because a machine is slow. */
export const patientTimes = {
  PROVIDER_TIMEOUT_MS: '10000',
  LEASE_MS: '30000',
  GRACE_MS: '45000',
} as const;
