import { DeadlinePassed } from '../deadline/index.js';
import { CommitOutcomeUnknown } from './commit-outcome-unknown.js';
import { isConnectionLoss } from './sql-state.js';

/**
 * How far a transaction has come, so that whoever stops waiting for it is told the truth: before its COMMIT it is
 * stopped and changes nothing; from then on it may stand, unless it only read.
 */
export class TransactionProgress {
  private phase: 'open' | 'committing' | 'abandoned' = 'open';

  constructor(private readonly access: 'read' | 'write') {}

  /** @throws DeadlinePassed where nobody waits any more */
  assertWaitedFor(): void {
    if (this.phase === 'abandoned') throw new DeadlinePassed();
  }

  /** Sends COMMIT, unless nobody waits any more. @throws CommitOutcomeUnknown when its answer is lost */
  async commit(send: () => Promise<void>): Promise<void> {
    this.assertWaitedFor();
    this.phase = 'committing';
    try {
      await send();
    } catch (error) {
      throw this.access === 'write' && isConnectionLoss(error)
        ? new CommitOutcomeUnknown(error)
        : error;
    }
  }

  /** The caller's time is over. */
  abandon(): Error {
    if (this.phase === 'committing') {
      const error = new DeadlinePassed();
      return this.access === 'write' ? new CommitOutcomeUnknown(error) : error;
    }
    this.phase = 'abandoned';
    return new DeadlinePassed();
  }
}
