import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Configuration } from '../platform/config/index.js';
import { Database, sqlFile, type Transaction } from '../platform/database/index.js';
import { Ids, showId } from '../platform/ids/index.js';
import { Log } from '../platform/logging/index.js';
import { noTenant } from '../tenants/index.js';
import { DailyProof, ProofStopped, type Proof } from './daily-proof.js';
import { nextCheckInSeconds } from './next-check.js';
import { differingLines } from './proof-figures.js';

interface ClaimedDay {
  readonly tenant_id: string;
  readonly day: string;
  readonly verdict: string;
  readonly age_days: number;
}

const openDays = sqlFile(import.meta.url, './sql/open-days.sql');
const claimDay = sqlFile(import.meta.url, './sql/claim-day.sql');
const recordProof = sqlFile(import.meta.url, './sql/record-proof.sql');
const releaseDay = sqlFile(import.meta.url, './sql/release-day.sql');
const makeDue = 'update reconciliations set next_check_at = app_clock() where day = $1::date';

/** A message may lie scheduled for 30 days, and be followed for nine more. */
const oldestDays = 40;
const claimSeconds = 1_800;
/** Ids that the alarm itself names; the rest stands in the row. */
const namedInLog = 5;

/** Proves the days that are due, one after the other; several workers share them by claims. */
@Injectable()
export class ProofRunner {
  constructor(
    private readonly database: Database,
    private readonly proof: DailyProof,
    private readonly configuration: Configuration,
    private readonly ids: Ids,
    private readonly log: Log,
  ) {}

  /**
   * @param day such as 2026-03-01: proves this day of all tenants now, whether due or not
   * @returns how many days were proved
   */
  async runOnce(day?: string): Promise<number> {
    await this.openDays();
    if (day !== undefined) await this.write((tx) => tx.query(makeDue, [day]));
    const claimer = randomUUID();
    let proved = 0;
    try {
      for (let next = await this.claim(claimer); next !== null; next = await this.claim(claimer)) {
        await this.record(claimer, next, await this.proof.prove(next.tenant_id, next.day));
        proved += 1;
      }
    } catch (error) {
      await this.write((tx) => tx.query(releaseDay, [claimer]));
      if (!(error instanceof ProofStopped)) throw error;
    }
    return proved;
  }

  private async openDays(): Promise<void> {
    const days = Math.min(oldestDays, this.configuration.retentionDays - 1);
    await this.write(async (tx) => {
      const [row] = await tx.query<{ oldest: string }>(
        `select (app_clock() at time zone 'UTC')::date - $1::integer as oldest`,
        [days],
      );
      await tx.query(openDays, [row?.oldest]);
    });
  }

  private async claim(claimer: string): Promise<ClaimedDay | null> {
    const [claimed] = await this.write((tx) =>
      tx.query<ClaimedDay>(claimDay, [claimer, claimSeconds]),
    );
    return claimed ?? null;
  }

  private async record(claimer: string, claimed: ClaimedDay, proof: Proof): Promise<void> {
    const { tenant_id: tenantId, day } = claimed;
    const inSeconds = nextCheckInSeconds({
      verdict: proof.verdict,
      ageDays: claimed.age_days,
      wasProved: claimed.verdict === 'proved',
      keptDays: this.configuration.retentionDays,
    });
    await this.write((tx) =>
      tx.query(recordProof, [
        claimer,
        tenantId,
        day,
        proof.verdict,
        JSON.stringify(proof.figures),
        JSON.stringify(proof.misses),
        proof.misses.length,
        inSeconds,
        this.ids.next(),
        noTenant,
        showId('ten', tenantId),
      ]),
    );
    if (proof.verdict === 'failed') this.alarm(claimed, proof);
    else if (claimed.verdict === 'failed')
      this.log.info({ tenant: tenantId, day }, 'a day adds up again');
  }

  private alarm({ tenant_id: tenant, day }: ClaimedDay, { figures, misses }: Proof): void {
    this.log.error(
      {
        tenant,
        day,
        lines: differingLines(figures),
        misses: misses.length,
        messages: misses.slice(0, namedInLog).map((miss) => miss.messageId),
      },
      'a day does not add up: look at docs/operations.md',
    );
  }

  private write<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.database.transaction('reads', { role: 'worker', statementTimeoutMs: 15_000 }, work);
  }
}
