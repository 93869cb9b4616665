import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { DatabaseHealth, SchemaTooOld } from '../platform/database/index.js';
import { Drain } from '../platform/lifecycle/index.js';
import { Log } from '../platform/logging/index.js';

/** Below the time-outs that probes usually have. */
const DATABASE_TIMEOUT_MS = 2_500;
/** Several probers ask at once, and the one connection for health carries heartbeats too. */
const REUSE_MS = 250;

/** The parts that decide whether this process should get requests. The provider is none of them. */
@Injectable()
export class Readiness {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly databaseHealth: DatabaseHealth,
    private readonly drain: Drain,
    private readonly log: Log,
  ) {}

  database(): PromiseLike<HealthIndicatorResult> {
    return this.indicators
      .check('database')
      .attempt(() => this.askDatabase())
      .withTimeout(DATABASE_TIMEOUT_MS)
      .cacheFor(REUSE_MS);
  }

  notDraining(): HealthIndicatorResult {
    const check = this.indicators.check('draining');
    return this.drain.draining ? check.down('The process is stopping.') : check.up();
  }

  /** Anybody may read the answer, so the driver's words, with hosts and users, go to the log only. */
  private async askDatabase(): Promise<void> {
    try {
      await this.databaseHealth.check();
    } catch (error) {
      this.log.warn({ err: error }, 'the database is not ready');
      throw new Error(
        error instanceof SchemaTooOld
          ? 'The database lacks a migration that this build needs.'
          : 'The database does not answer.',
        { cause: error },
      );
    }
  }
}
