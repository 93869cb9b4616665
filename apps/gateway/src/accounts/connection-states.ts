import { Injectable } from '@nestjs/common';
import { Database, sqlFile, type SqlStatement } from '../platform/database/index.js';

const readStates = sqlFile(import.meta.url, './sql/read-connection-states.sql');
const pauseConnection = sqlFile(import.meta.url, './sql/pause-connection.sql');
const resumeConnection = sqlFile(import.meta.url, './sql/resume-connection.sql');
const setConnectionRate = sqlFile(import.meta.url, './sql/set-connection-rate.sql');
const holdConnection = sqlFile(import.meta.url, './sql/hold-connection.sql');
const claimProbe = sqlFile(import.meta.url, './sql/claim-probe.sql');

/** The state of a provider key, shared by every connection that carries it. */
export interface KeyState {
  readonly fingerprint: Buffer;
  /** Raised by every pause and every resume. */
  readonly epoch: number;
  readonly pausedAt: Date | null;
  readonly pauseReason: string | null;
  /** Calls a second. */
  readonly rate: number;
  /** The rate at which the provider last said 429; null while it never did. */
  readonly learnedLimit: number | null;
  readonly decreasedAt: Date | null;
  readonly notBefore: Date | null;
  readonly probeUntil: Date | null;
  readonly probeBy: string | null;
}

interface StateRow {
  readonly fingerprint: Buffer;
  readonly epoch: number;
  readonly paused_at: Date | null;
  readonly pause_reason: string | null;
  readonly rate: number;
  readonly learned_limit: number | null;
  readonly decreased_at: Date | null;
  readonly not_before: Date | null;
  readonly probe_until: Date | null;
  readonly probe_by: string | null;
}

/**
 * Pause, rate and probe of provider keys. Each change is a transaction of its own and a compare-and-set:
 * who acts on an older state than the present one changes nothing and is told so by `false`.
 */
@Injectable()
export class ConnectionStates {
  constructor(private readonly database: Database) {}

  async read(fingerprints: readonly Buffer[]): Promise<KeyState[]> {
    const rows = await this.run<StateRow>(readStates, [fingerprints]);
    return rows.map((row) => ({
      fingerprint: row.fingerprint,
      epoch: row.epoch,
      pausedAt: row.paused_at,
      pauseReason: row.pause_reason,
      rate: row.rate,
      learnedLimit: row.learned_limit,
      decreasedAt: row.decreased_at,
      notBefore: row.not_before,
      probeUntil: row.probe_until,
      probeBy: row.probe_by,
    }));
  }

  /** @param wanted.epoch the one that stood in the intent of the call that failed */
  pause(wanted: { fingerprint: Buffer; epoch: number; reason: string }): Promise<boolean> {
    return this.changes(pauseConnection, [wanted.fingerprint, wanted.epoch, wanted.reason]);
  }

  /** @param wanted.epoch the one that stood in the intent of the call that succeeded */
  resume(wanted: { fingerprint: Buffer; epoch: number }): Promise<boolean> {
    return this.changes(resumeConnection, [wanted.fingerprint, wanted.epoch]);
  }

  /** @param wanted.from the rate that the caller has seen, in calls a second */
  setRate(wanted: {
    fingerprint: Buffer;
    from: number;
    to: number;
    learnedLimit?: number | null;
    decreasedAt?: Date;
    notBefore?: Date;
  }): Promise<boolean> {
    return this.changes(setConnectionRate, [
      wanted.fingerprint,
      wanted.from,
      wanted.to,
      wanted.learnedLimit ?? null,
      wanted.decreasedAt ?? null,
      wanted.notBefore ?? null,
    ]);
  }

  /** No call before then (Retry-After); an earlier time than the present one changes nothing. */
  async setNotBefore(wanted: { fingerprint: Buffer; notBefore: Date }): Promise<void> {
    await this.run(holdConnection, [wanted.fingerprint, wanted.notBefore]);
  }

  /**
   * Who wins tries a paused key with one message, until the time given.
   * @param wanted.untilMs milliseconds since the epoch
   * @param wanted.again who won may claim once more before that
   */
  claimProbe(wanted: {
    fingerprint: Buffer;
    epoch: number;
    by: string;
    untilMs: number;
    again: boolean;
  }): Promise<boolean> {
    const { fingerprint, epoch, by, untilMs, again } = wanted;
    return this.changes(claimProbe, [fingerprint, epoch, by, new Date(untilMs), again]);
  }

  private async changes(statement: SqlStatement, parameters: readonly unknown[]): Promise<boolean> {
    return (await this.run(statement, parameters)).length > 0;
  }

  private run<Row>(statement: SqlStatement, parameters: readonly unknown[]): Promise<Row[]> {
    return this.database.transaction('hot', { role: 'worker' }, (transaction) =>
      transaction.query<Row>(statement, parameters),
    );
  }
}
