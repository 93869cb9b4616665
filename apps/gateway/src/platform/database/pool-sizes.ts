/** Each pool has its own connections, so that a flood in one leaves the others untouched. */
export type PoolName = 'hot' | 'callbacks' | 'reads' | 'health';

export interface PoolSizes extends Record<PoolName, number> {
  /** TypeORM's own, for tenants, keys and accounts. */
  readonly control: number;
}

/**
 * Divides DATABASE_POOL_SIZE (5 at least). Health (heartbeats and readiness) has one connection,
 * callbacks a sixth, reads and the control plane together a third, accepting and sending the rest.
 */
export function poolSizes(total: number): PoolSizes {
  const health = 1;
  const callbacks = Math.max(1, Math.floor(total / 6));
  const reads = Math.max(1, Math.floor(total / 5));
  const control = Math.max(1, Math.floor(total / 8));
  return { health, callbacks, reads, control, hot: total - health - callbacks - reads - control };
}
