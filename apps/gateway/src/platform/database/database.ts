import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import pg from 'pg';
import { Log } from '../logging/index.js';
import { remainingMs, withinDeadline } from '../deadline/index.js';
import { CommitOutcomeUnknown } from './commit-outcome-unknown.js';
import { DatabaseAddress } from './database-address.js';
import { InstallationMarks } from './installation-marks.js';
import { LineTooLong, PoolLine } from './pool-line.js';
import { poolSizes, type PoolName } from './pool-sizes.js';
import type { SqlStatement } from './sql-file.js';
import { isConnectionLoss } from './sql-state.js';
import { TransactionProgress } from './transaction-progress.js';
import { uuidOnly } from './uuid-only.js';

/** The NOLOGIN role under which a transaction runs; the login itself never touches a row. */
export type DatabaseRole = 'ingest' | 'worker' | 'tenant' | 'operator';

export interface TransactionOptions {
  readonly role: DatabaseRole;
  /** Required for the role `tenant`: row level security shows the rows of this one only. */
  readonly tenantId?: string;
  /** Longest time of one statement in milliseconds. @default 5000 */
  readonly statementTimeoutMs?: number;
  /** Longest wait for a lock in milliseconds. @default 1000 */
  readonly lockTimeoutMs?: number;
  /** `read`: nothing changes, so that a lost COMMIT leaves nothing open. @default by the pool */
  readonly access?: 'read' | 'write';
  /**
   * How its statements are planned where a table seems so small that reading all of it would be cheaper: their plan is
   * kept, and the table may grow at once. @default as PostgreSQL likes
   */
  readonly plans?: 'without_whole_tables' | 'by_keys_alone';
}

/** The statements of one open transaction. No network call other than to the database belongs inside. */
export interface Transaction {
  query<Row>(statement: SqlStatement | string, parameters?: readonly unknown[]): Promise<Row[]>;
}

const defaultLockTimeoutMs = 1_000;
const idleInTransactionTimeoutMs = 2_000;
const defaultStatementTimeoutMs = 5_000;
/** An answer that has not come by then is not waited for: the connection is thrown away. */
const answerMarginMs = 1_000;

const planning = {
  without_whole_tables: 'set local enable_seqscan = off; ',
  by_keys_alone:
    'set local enable_seqscan = off; set local enable_indexscan = off; set local enable_indexonlyscan = off; ',
};

/**
 * The same for the rest of a transaction: a row is found by a condition on an index, or not at all. A queue is next to
 * empty by its statistics, so that all of it seems cheaper to read than a few rows by their keys; what is gone from it
 * lies in the way of such a reader, for as long as some transaction is open that might still see it.
 */
export const planByKeysAlone = `select set_config('enable_seqscan', 'off', true), set_config('enable_indexscan', 'off', true),
  set_config('enable_indexonlyscan', 'off', true)`;

const int8 = 20;
const date = 1082;
const types = {
  getTypeParser(oid: number, format?: 'text' | 'binary'): unknown {
    // Our 64-bit columns are counters far below 2^53; the provider's ids are text.
    if (oid === int8) return Number;
    if (oid === date) return String;
    return pg.types.getTypeParser(oid, format);
  },
};

/** Named pools of connections, so that a busy one cannot starve health, callbacks or heartbeats. */
@Injectable()
export class Database implements OnApplicationShutdown {
  private readonly pools: Record<PoolName, pg.Pool>;
  private readonly lines: Record<PoolName, PoolLine>;

  constructor(
    address: DatabaseAddress,
    private readonly marks: InstallationMarks,
    private readonly log: Log,
  ) {
    const sizes = poolSizes(address.poolSize);
    this.pools = {
      hot: this.makePool(address, 'hot', sizes.hot),
      callbacks: this.makePool(address, 'callbacks', sizes.callbacks),
      reads: this.makePool(address, 'reads', sizes.reads),
      health: this.makePool(address, 'health', sizes.health),
    };
    this.lines = {
      hot: new PoolLine(sizes.hot),
      callbacks: new PoolLine(sizes.callbacks),
      reads: new PoolLine(sizes.reads),
      health: new PoolLine(sizes.health),
    };
  }

  /**
   * Runs work in one transaction, under a role and with time-outs.
   * @throws CommitOutcomeUnknown when the connection was lost, or the request's time ended, while COMMIT was under way;
   * DeadlinePassed when it ended before; LineTooLong at once, when a request would wait for a connection for too long
   */
  transaction<T>(
    pool: PoolName,
    options: TransactionOptions,
    work: (transaction: Transaction) => Promise<T>,
  ): Promise<T> {
    // Loops have their own pace, and nobody to tell; only who waits for an answer is sent away.
    if (isForARequest() && this.lines[pool].isTooLong(this.pools[pool].waitingCount))
      return Promise.reject(new LineTooLong());
    const access = options.access ?? (readingPools.has(pool) ? 'read' : 'write');
    const progress = new TransactionProgress(access);
    const transaction = this.attempt(pool, options, work, progress);
    return withinDeadline(transaction, () => progress.abandon());
  }

  private async attempt<T>(
    pool: PoolName,
    options: TransactionOptions,
    work: (transaction: Transaction) => Promise<T>,
    progress: TransactionProgress,
  ): Promise<T> {
    const client = await this.pools[pool].connect();
    const answerWithinMs =
      (options.statementTimeoutMs ?? defaultStatementTimeoutMs) + answerMarginMs;
    let failure: Error | undefined;
    let endUse: () => void = () => undefined;
    try {
      progress.assertWaitedFor();
      endUse = this.lines[pool].begin();
      let result: T;
      try {
        result = await begin(client, options, () => work(transactionOn(client, answerWithinMs)));
        progress.assertWaitedFor();
      } catch (error) {
        // Behind a statement that hangs a rollback would hang as well; the connection is thrown away anyway.
        if (!isConnectionLoss(error)) await rollBack(client);
        throw error;
      }
      await progress.commit(() => commit(client));
      return result;
    } catch (error) {
      const cause = error instanceof CommitOutcomeUnknown ? error.cause : error;
      if (isConnectionLoss(cause)) failure = cause as Error;
      throw error;
    } finally {
      endUse();
      client.release(failure);
    }
  }

  /** Connections in use, idle and waited for, by pool. */
  usage(): Record<PoolName, { total: number; idle: number; waiting: number }> {
    const usage = {} as Record<PoolName, { total: number; idle: number; waiting: number }>;
    for (const [name, pool] of Object.entries(this.pools)) {
      usage[name as PoolName] = {
        total: pool.totalCount,
        idle: pool.idleCount,
        waiting: pool.waitingCount,
      };
    }
    return usage;
  }

  async onApplicationShutdown(): Promise<void> {
    const open = Object.values(this.pools).filter((pool) => !pool.ended);
    await Promise.all(open.map((pool) => pool.end()));
  }

  private makePool(address: DatabaseAddress, name: PoolName, size: number): pg.Pool {
    const pool = new pg.Pool({
      connectionString: address.url,
      max: size,
      connectionTimeoutMillis: 2_500,
      idleTimeoutMillis: 60_000,
      query_timeout: defaultStatementTimeoutMs + answerMarginMs,
      keepAlive: true,
      application_name: `tyrian ${name}`,
      types,
      // Statements that do not wait for each other's answers share a round trip.
      pipeline: true,
      onConnect: this.marks.onConnect,
    });
    pool.on('error', (error) => {
      this.log.warn({ pool: name, error: error.message }, 'an idle database connection was lost');
    });
    // A connection that breaks while it is checked out tells so by an event as well: without a listener it
    // would end the process. Whoever uses it hears of the loss from its statement.
    pool.on('connect', (client) => client.on('error', () => undefined));
    return pool;
  }
}

function isForARequest(): boolean {
  return remainingMs() !== Number.POSITIVE_INFINITY;
}

/**
 * Opens a transaction, with the first statements of the work right behind the opening: should that fail, the server
 * refuses them as well.
 */
async function begin<T>(
  client: pg.PoolClient,
  options: TransactionOptions,
  work: () => Promise<T>,
): Promise<T> {
  const [opened, worked] = await Promise.allSettled([client.query(beginning(options)), work()]);
  if (opened.status === 'rejected') throw opened.reason;
  if (worked.status === 'rejected') throw worked.reason;
  return worked.value;
}

function beginning(options: TransactionOptions): string {
  const ownTimeoutMs = options.statementTimeoutMs ?? defaultStatementTimeoutMs;
  // The server ends by itself what nobody waits for any more.
  const statementTimeoutMs = Math.max(1, Math.round(Math.min(ownTimeoutMs, remainingMs())));
  const tenant =
    options.tenantId === undefined
      ? ''
      : `set local tyrian.tenant_id = '${uuidOnly(options.tenantId)}';`;
  return (
    `begin; set local role tyrian_${options.role}; ${tenant}` +
    `set local lock_timeout = ${options.lockTimeoutMs ?? defaultLockTimeoutMs};` +
    `set local idle_in_transaction_session_timeout = ${idleInTransactionTimeoutMs};` +
    (options.plans === undefined ? '' : planning[options.plans]) +
    // Our statements are short: compiling one takes longer than running it.
    `set local jit = off; set local statement_timeout = ${statementTimeoutMs}`
  );
}

function transactionOn(client: pg.PoolClient, answerWithinMs: number): Transaction {
  return {
    async query<Row>(statement: SqlStatement | string, parameters: readonly unknown[] = []) {
      const named = typeof statement === 'string' ? { text: statement } : statement;
      const query = { ...named, values: parameters as unknown[], query_timeout: answerWithinMs };
      const { rows } = await client.query(query as pg.QueryConfig);
      return rows as Row[];
    },
  };
}

/** Pools whose work changes nothing that anybody would have to look for afterwards. */
const readingPools: ReadonlySet<PoolName> = new Set(['reads', 'health']);

async function commit(client: pg.PoolClient): Promise<void> {
  const result = await client.query('commit');
  // COMMIT of a transaction that had failed answers ROLLBACK, without an error.
  if (result.command !== 'COMMIT') throw new Error('the transaction was rolled back at its commit');
}

async function rollBack(client: pg.PoolClient): Promise<void> {
  try {
    await client.query('rollback');
  } catch {
    // The connection is gone, and the transaction with it; the first error is the one to tell.
  }
}
