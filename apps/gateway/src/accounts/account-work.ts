/** What waits on an account. */
export interface AccountLoad {
  readonly urgent: number;
  readonly normal: number;
  readonly promotional: number;
  /** Their time has not come yet. */
  readonly scheduled: number;
  /** One of the numbers is where counting stopped: there is more. */
  readonly capped: boolean;
  /** When the oldest queued message was accepted, or became due; null where none is queued. */
  readonly oldestQueuedAt: Date | null;
}

export const noLoad: AccountLoad = {
  urgent: 0,
  normal: 0,
  promotional: 0,
  scheduled: 0,
  capped: false,
  oldestQueuedAt: null,
};

/** Runs a statement in the caller's transaction. */
export interface StatementRunner {
  query(text: string, parameters: unknown[]): Promise<unknown>;
}

/** What accounts need to know of the queue, which stands above them. */
export abstract class AccountWork {
  /** By account id; counting stops at a bound, so that a full queue is no slower than a long one. */
  abstract load(
    runner: StatementRunner,
    tenantId: string,
    accountIds: readonly string[],
  ): Promise<ReadonlyMap<string, AccountLoad>>;

  /** Whether messages are queued, scheduled or on the wire; those that await a final status do not count. */
  abstract hasOpenWork(
    runner: StatementRunner,
    tenantId: string,
    accountId: string,
  ): Promise<boolean>;
}

/** Ends what waits on an account that is deleted by force. Messages stand above accounts. */
export abstract class OpenWorkCloser {
  /** Expires what is queued and scheduled. What is on the wire stays, and finds its fate by itself. */
  abstract expireAll(tenantId: string, accountId: string): Promise<void>;
}
