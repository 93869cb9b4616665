/** Who holds a lane. `deletion`: its account is gone, and nothing goes out of it any more. */
export type PausedBy = 'tenant' | 'operator' | 'both' | 'deletion';

/** Whoever may pause and resume. */
export type Pauser = 'tenant' | 'operator';

/** Who holds the lane once the pauser has paused it, too. */
export function afterPause(held: PausedBy | null, pauser: Pauser): PausedBy {
  return held === null || held === pauser ? pauser : held === 'deletion' ? 'deletion' : 'both';
}

/** Who still holds the lane once the pauser has let go of it: nobody undoes the other's pause. */
export function afterResume(held: PausedBy | null, pauser: Pauser): PausedBy | null {
  if (held === 'both') return pauser === 'tenant' ? 'operator' : 'tenant';
  return held === pauser ? null : held;
}

export type AccountState = 'active' | 'paused' | 'connection_paused';

/** Why nothing goes out. */
export interface Pause {
  readonly by: 'tenant' | 'operator' | 'provider';
  /** People's words, or the code of what the provider said. */
  readonly reason: string | null;
  readonly since: Date;
}

export interface PauseColumns {
  /** null while the lane's tenant is active. */
  readonly tenant_suspended_at: Date | null;
  readonly paused_at: Date | null;
  readonly paused_by: PausedBy | null;
  readonly pause_reason: string | null;
  readonly connection_paused_at: Date | null;
  readonly connection_pause_reason: string | null;
}

/**
 * A suspension of the tenant is shown before people's pause, and that before the provider's: it has to be lifted first.
 */
export function pauseOf(columns: PauseColumns): Pause | null {
  if (columns.tenant_suspended_at !== null) {
    return { by: 'operator', reason: 'tenant_suspended', since: columns.tenant_suspended_at };
  }
  if (columns.paused_at !== null) {
    const by = columns.paused_by === 'tenant' ? 'tenant' : 'operator';
    return { by, reason: columns.pause_reason, since: columns.paused_at };
  }
  if (columns.connection_paused_at === null) return null;
  const since = columns.connection_paused_at;
  return { by: 'provider', reason: columns.connection_pause_reason, since };
}

export function stateOf(pause: Pause | null): AccountState {
  if (pause === null) return 'active';
  return pause.by === 'provider' ? 'connection_paused' : 'paused';
}
