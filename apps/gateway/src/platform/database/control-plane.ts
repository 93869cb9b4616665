import { Injectable } from '@nestjs/common';
import {
  DataSource,
  QueryRunnerAlreadyReleasedError,
  type EntityManager,
  type QueryRunner,
} from 'typeorm';
import { remainingMs, withinDeadline } from '../deadline/index.js';
import { isConnectionLoss } from './sql-state.js';
import { TransactionProgress } from './transaction-progress.js';
import { uuidOnly } from './uuid-only.js';

/** On whose behalf the control plane is read or edited. */
export type ControlPlaneActor =
  | { readonly role: 'tenant'; readonly tenantId: string }
  | { readonly role: 'operator' }
  | { readonly role: 'worker' };

type Work<T> = (manager: EntityManager) => Promise<T>;

const statementTimeoutMs = 5_000;

/**
 * TypeORM for tenants, keys, accounts and endpoints. Every use is one transaction under a role, so that
 * row level security stands behind each repository and nothing runs as the login itself.
 */
@Injectable()
export class ControlPlane {
  constructor(private readonly dataSource: DataSource) {}

  /** @throws CommitOutcomeUnknown when the answer to COMMIT is lost, or is not there in time */
  run<T>(actor: ControlPlaneActor, work: Work<T>): Promise<T> {
    return this.transact(actor, work, 'write');
  }

  /** For work that changes nothing, and that the database would not let change anything. */
  read<T>(actor: ControlPlaneActor, work: Work<T>): Promise<T> {
    return this.transact(actor, work, 'read');
  }

  private transact<T>(
    actor: ControlPlaneActor,
    work: Work<T>,
    access: 'read' | 'write',
  ): Promise<T> {
    const progress = new TransactionProgress(access);
    const transaction = this.attempt(settingsOf(actor, access), work, progress);
    return withinDeadline(transaction, () => progress.abandon());
  }

  private async attempt<T>(
    settings: string,
    work: Work<T>,
    progress: TransactionProgress,
  ): Promise<T> {
    const runner = this.dataSource.createQueryRunner();
    let isLost = false;
    try {
      await runner.connect();
      progress.assertWaitedFor();
      await runner.startTransaction();
      let result: T;
      try {
        await runner.query(settings);
        result = await work(runner.manager);
        progress.assertWaitedFor();
      } catch (error) {
        if (!isLostTo(error)) await rollBack(runner);
        throw error;
      }
      await progress.commit(() => runner.commitTransaction());
      return result;
    } catch (error) {
      const cause = error instanceof Error ? (error.cause ?? error) : error;
      isLost = isLostTo(error) || isLostTo(cause);
      if (error instanceof QueryRunnerAlreadyReleasedError) throw new ConnectionLost(error);
      throw error;
    } finally {
      if (isLost) await end(runner);
      await runner.release();
    }
  }
}

/** TypeORM lets go of a connection that broke between two statements: the next one finds no runner. */
class ConnectionLost extends Error {
  constructor(cause: unknown) {
    super('Connection terminated between two statements', { cause });
  }
}

function settingsOf(actor: ControlPlaneActor, access: 'read' | 'write'): string {
  const tenantId = actor.role === 'tenant' ? uuidOnly(actor.tenantId) : '';
  const timeoutMs = Math.max(1, Math.round(Math.min(statementTimeoutMs, remainingMs())));
  return (
    `${access === 'read' ? 'set transaction read only; ' : ''}set local role tyrian_${actor.role}; ` +
    `set local tyrian.tenant_id = '${tenantId}'; set local lock_timeout = 1000; ` +
    `set local idle_in_transaction_session_timeout = 2000; set local statement_timeout = ${timeoutMs}`
  );
}

function isLostTo(error: unknown): boolean {
  return isConnectionLoss(error) || error instanceof QueryRunnerAlreadyReleasedError;
}

async function rollBack(runner: QueryRunner): Promise<void> {
  try {
    await runner.rollbackTransaction();
  } catch {
    // The connection is gone, and the transaction with it; the first error is the one to tell.
  }
}

/** So that the pool does not lend out a connection on which a statement still hangs. */
async function end(runner: QueryRunner): Promise<void> {
  if (runner.isReleased) return;
  const client = (await runner.connect()) as { end(): Promise<void> };
  client.end().catch(() => undefined);
}
