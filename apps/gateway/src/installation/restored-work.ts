import { Injectable } from '@nestjs/common';
import { ScheduledPromoter } from '../messages/index.js';
import { Clock } from '../platform/clock/index.js';
import { Database, sqlFile } from '../platform/database/index.js';
import { Ids } from '../platform/ids/index.js';
import { LaneQueue, type SettledRow } from '../queue/index.js';
import type { Actor } from '../tenants/index.js';
import { InstallationState, type Hold } from './installation-state.js';
import { NothingSentSince, SendingStillGoesOn } from './restored-work.errors.js';

const findRestoredWork = sqlFile(import.meta.url, './sql/find-restored-work.sql');

const atOnce = 1_000;
/** A time is often given to the second: the whole of it counts. */
const wholeSecondMs = 1_000;
const beforeAll = '00000000-0000-0000-0000-000000000000';
const countLeft = `select (select count(*) from outgoing)::int as queued, (select count(*) from scheduled)::int as scheduled`;

/** The span in which another database, of which this one is a copy, may have sent what lies in the queue here. */
export interface RestoredSpan {
  /** What was committed later is not in the data. */
  readonly dataUntil: Date;
  /** When the last call left from there; null: it may go on until now. */
  readonly sendingStoppedAt: Date | null;
}

export interface RestoredReport {
  /** Why and since when nothing is sent. */
  readonly hold: Hold;
  /** `at_most_once`, or without enough validity left: only evidence resolves them. */
  readonly uncertain: number;
  /** `at_least_once`: sent again when the installation is released and their grace is over. */
  readonly again: number;
  /** They had ended already. */
  readonly final: number;
  /** Still in the queue: accepted here, or due later. */
  readonly queued: number;
  readonly scheduled: number;
}

interface Bounds {
  readonly acceptedBefore: Date;
  readonly dueBefore: Date;
}

interface FoundRow {
  readonly tenant_id: string;
  readonly message_id: string;
  readonly attempt: number;
}

/**
 * What `after-restore` does (DISPATCH 22): whatever lies in the queue of restored data may have been sent by the
 * database that they are a copy of. Its attempt is settled as unknown, by the statement that settles any other one.
 */
@Injectable()
export class RestoredWork {
  constructor(
    private readonly state: InstallationState,
    private readonly promoter: ScheduledPromoter,
    private readonly database: Database,
    private readonly queue: LaneQueue,
    private readonly clock: Clock,
    private readonly ids: Ids,
  ) {}

  /**
   * Puts the installation on hold, unless it is, and deals with the work in bites, each a transaction. Run again, after
   * a crash or not, it finds what is left.
   * @throws NothingSentSince, SendingStillGoesOn
   */
  async dealWith(span: RestoredSpan, actor: Actor): Promise<RestoredReport> {
    const { dataUntil } = span;
    const until = span.sendingStoppedAt ?? this.clock.now();
    if (until < dataUntil) throw new NothingSentSince();
    if (until.getTime() > this.clock.nowMs()) throw new SendingStillGoesOn();
    const detail = {
      data_until: dataUntil.toISOString(),
      sending_stopped_at: until.toISOString(),
    };
    await this.state.hold('after_restore', null, actor);
    const hold = (await this.state.get()).hold as Hold;
    // Scheduled ones take their place in the queue first, and are judged there by it.
    while ((await this.promoter.promote(atOnce)) === atOnce);
    const bounds = { acceptedBefore: endOfData(dataUntil, hold), dueBefore: wholeSecondOf(until) };
    const settled = await this.callUnknown(bounds, detail);
    const left = await this.countLeft();
    await this.state.noteRestoredWork(actor, { ...detail, ...settled });
    return { hold, ...settled, ...left };
  }

  private async callUnknown(
    bounds: Bounds,
    detail: Readonly<Record<string, string>>,
  ): Promise<Pick<RestoredReport, 'uncertain' | 'again' | 'final'>> {
    const counts = { uncertain: 0, again: 0, final: 0 };
    let last: FoundRow | undefined = { tenant_id: beforeAll, message_id: beforeAll, attempt: 0 };
    while (last !== undefined) {
      const { found, settled } = await this.bite(bounds, detail, last);
      for (const { fate } of settled) {
        if (fate === 'uncertain' || fate === 'final') counts[fate] += 1;
        else counts.again += 1;
      }
      last = found.length === atOnce ? found.at(-1) : undefined;
    }
    return counts;
  }

  private bite(
    bounds: Bounds,
    detail: Readonly<Record<string, string>>,
    after: FoundRow,
  ): Promise<{ found: FoundRow[]; settled: SettledRow[] }> {
    // Patient: a gateway that runs meanwhile may be taking lanes over, or writing the outcome of its last calls.
    const options = { role: 'worker', lockTimeoutMs: 10_000, statementTimeoutMs: 30_000 } as const;
    return this.database.transaction('hot', options, async (tx) => {
      const found = await tx.query<FoundRow>(findRestoredWork, [
        after.tenant_id,
        after.message_id,
        bounds.acceptedBefore,
        bounds.dueBefore,
        atOnce,
      ]);
      const at = this.clock.now();
      const outcomes = found.map((row) => ({
        tenantId: row.tenant_id,
        messageId: row.message_id,
        attempt: row.attempt,
        outcome: 'unknown' as const,
        providerMessageId: null,
        code: 'restored',
        eventId: this.ids.next(),
        eventType: 'restored' as const,
        at,
        detail,
      }));
      // Open intents that came with the data close with their rows; the next owner of their lane clears them away.
      return { found, settled: await this.queue.settle(tx, outcomes, []) };
    });
  }

  private async countLeft(): Promise<Pick<RestoredReport, 'queued' | 'scheduled'>> {
    const options = { role: 'worker', statementTimeoutMs: 30_000 } as const;
    return this.database.transaction('reads', options, async (tx) => {
      const [row] = await tx.query<{ queued: number; scheduled: number }>(countLeft);
      return row as { queued: number; scheduled: number };
    });
  }
}

/**
 * A database that told its marks apart was on hold before it accepted anything itself: whatever is older came with
 * the data, also where the time given for their end was too early.
 */
function endOfData(dataUntil: Date, hold: Hold): Date {
  const end = wholeSecondOf(dataUntil);
  return hold.because === 'marks_differ' && hold.since > end ? hold.since : end;
}

function wholeSecondOf(at: Date): Date {
  return new Date(at.getTime() + wholeSecondMs);
}
