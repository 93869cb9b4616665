import { withoutDeadline } from '../deadline/index.js';
import { CommitOutcomeUnknown } from './commit-outcome-unknown.js';
import {
  isConnectionLoss,
  isLockTimeout,
  isOneRowsFault,
  isPoolClosed,
  isWorthRepeating,
} from './sql-state.js';

export interface GroupCommitOptions<Unit> {
  /** Most rows in one flush. */
  readonly maxRows: number;
  /** Most rows waiting; one more is refused with QueueFull. */
  readonly maxWaitingRows: number;
  readonly rowsOf: (unit: Unit) => number;
  /** Where the first of the line has waited for longer, in milliseconds, a unit is refused at once. @default without end */
  readonly longestWaitMs?: number;
  /** How long a unit is tried again while the database is away or a lock is held, in milliseconds. @default 3000 */
  readonly patienceMs?: number;
  /** After patienceMs a caller is answered, whatever happens to the flush: NotWritten or StillInFlight. @default false */
  readonly givesUp?: boolean;
  /** Hears of each flush that was committed: how many rows, and how long it took. */
  readonly observe?: (rows: number, seconds: number) => void;
  /** Monotonic clock in milliseconds. */
  readonly monotonicMs?: () => number;
}

/** The queue in front of a flush is full: nothing was written, the caller may come back later. */
export class QueueFull extends Error {
  constructor() {
    super('too many rows wait to be written');
  }
}

/** The database did not take the unit in time; it has been withdrawn, and nothing of it was written. */
export class NotWritten extends Error {
  constructor() {
    super('the database did not take the rows in time');
  }
}

/** The database did not answer in time; the unit may or may not be written. Its cause: how an earlier try failed. */
export class StillInFlight extends Error {
  constructor(cause: unknown) {
    super('the database has not said in time whether the rows were written', { cause });
  }
}

const sweepIntervalMs = 100;

interface Waiting<Unit, Result> {
  readonly unit: Unit;
  readonly rows: number;
  readonly since: number;
  readonly until: number;
  lastError?: unknown;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/**
 * Joins callers into one statement and one commit. While a flush is in flight the next one gathers;
 * no timer is added, so a lone caller waits for nobody. A failing flush is split until the unit that is
 * to blame fails alone; a lost connection makes the flush run again whole, which the statement must allow.
 */
export class GroupCommit<Unit, Result> {
  private waiting: Waiting<Unit, Result>[] = [];
  private waitingRows = 0;
  private flushing = false;
  private flushingSince = 0;
  private idle: (() => void)[] = [];
  /** Taken off the line and not finished: in the flush of now, or aside. */
  private readonly inFlight = new Set<Waiting<Unit, Result>>();
  private readonly aside = new Set<Waiting<Unit, Result>>();
  private sweeper: NodeJS.Timeout | null = null;

  private readonly patienceMs: number;
  private readonly monotonicMs: () => number;

  /** @param flush writes the units in one transaction and gives one result or Error for each, in their order */
  constructor(
    private readonly flush: (units: Unit[]) => Promise<(Result | Error)[]>,
    private readonly options: GroupCommitOptions<Unit>,
  ) {
    this.patienceMs = options.patienceMs ?? 3_000;
    this.monotonicMs = options.monotonicMs ?? (() => performance.now());
  }

  /** Rows that wait for a flush. */
  get depth(): number {
    return this.waitingRows;
  }

  /** @param patienceMs how long this unit is tried again; no longer than that of all */
  async submit(unit: Unit, patienceMs = this.patienceMs): Promise<Result> {
    const rows = this.options.rowsOf(unit);
    if (this.waitingRows > 0 && this.waitingRows + rows > this.options.maxWaitingRows) {
      throw new QueueFull();
    }
    const since = this.monotonicMs();
    this.refuseWhereAllWait(since);
    const until = since + Math.min(patienceMs, this.patienceMs);
    return new Promise<Result>((resolve, reject) => {
      this.waiting.push({ unit, rows, since, until, resolve, reject });
      this.waitingRows += rows;
      // A flush serves many callers: the time of the one who started it is not its own.
      if (!this.flushing) withoutDeadline(() => this.start());
    });
  }

  /** Resolves when nothing waits and nothing is in flight. */
  async drained(): Promise<void> {
    if (this.isAtRest) return;
    await new Promise<void>((resolve) => this.idle.push(resolve));
  }

  private get isAtRest(): boolean {
    return !this.flushing && this.waiting.length === 0 && this.inFlight.size === 0;
  }

  /** Who comes last would wait for as long as the first has, and be refused after that. */
  private refuseWhereAllWait(nowMs: number): void {
    const longestMs = this.options.longestWaitMs ?? Number.POSITIVE_INFINITY;
    const [first] = this.waiting;
    if (first === undefined || nowMs - first.since <= longestMs) return;
    // Of a flush that takes so long it is the database that does not answer; else there are too many callers.
    throw nowMs - this.flushingSince > longestMs ? new NotWritten() : new QueueFull();
  }

  private start(): void {
    this.flushing = true;
    if (this.options.givesUp === true) {
      this.sweeper ??= setInterval(() => this.giveUp(), sweepIntervalMs);
    }
    // A microtask later, so that callers of the same turn share the first flush.
    queueMicrotask(() => void this.run());
  }

  private async run(): Promise<void> {
    while (this.waiting.length > 0) await this.finish(this.next());
    this.flushing = false;
    this.rest();
  }

  private async finish(batch: Waiting<Unit, Result>[]): Promise<void> {
    this.flushingSince = this.monotonicMs();
    for (const waiting of batch) this.inFlight.add(waiting);
    await this.write(batch);
    for (const waiting of batch) if (!this.aside.has(waiting)) this.inFlight.delete(waiting);
  }

  private rest(): void {
    if (!this.isAtRest) return;
    if (this.sweeper) clearInterval(this.sweeper);
    this.sweeper = null;
    for (const resolve of this.idle.splice(0)) resolve();
  }

  private next(): Waiting<Unit, Result>[] {
    let rows = 0;
    let count = 0;
    for (const waiting of this.waiting) {
      if (count > 0 && rows + waiting.rows > this.options.maxRows) break;
      rows += waiting.rows;
      count += 1;
    }
    this.waitingRows -= rows;
    return this.waiting.splice(0, count);
  }

  private giveUp(): void {
    const now = this.monotonicMs();
    for (const waiting of this.inFlight) {
      if (waiting.until < now) waiting.reject(new StillInFlight(waiting.lastError));
    }
    const late = this.waiting.filter((waiting) => waiting.until < now);
    if (late.length === 0) return;
    this.waiting = this.waiting.filter((waiting) => waiting.until >= now);
    for (const waiting of late) {
      this.waitingRows -= waiting.rows;
      waiting.reject(new NotWritten());
    }
  }

  private async write(batch: Waiting<Unit, Result>[]): Promise<void> {
    let units = batch;
    while (units.length > 0) {
      let results: (Result | Error)[];
      const beganMs = this.monotonicMs();
      try {
        results = await this.flush(units.map((waiting) => waiting.unit));
      } catch (error) {
        units = await this.recover(units, error);
        continue;
      }
      this.options.observe?.(
        units.reduce((rows, waiting) => rows + waiting.rows, 0),
        (this.monotonicMs() - beganMs) / 1_000,
      );
      units.forEach((waiting, index) => {
        const result = results[index] as Result | Error;
        if (result instanceof Error) waiting.reject(result);
        else waiting.resolve(result);
      });
      return;
    }
  }

  /** Returns the units that are to be written again, whole; the others have their answer, or are tried apart. */
  private async recover(
    batch: Waiting<Unit, Result>[],
    error: unknown,
  ): Promise<Waiting<Unit, Result>[]> {
    const cause = error instanceof CommitOutcomeUnknown ? error.cause : error;
    if (isOneRowsFault(cause) && batch.length > 1) {
      const half = batch.length >> 1;
      await this.write(batch.slice(0, half));
      await this.write(batch.slice(half));
      return [];
    }
    const isLocked = isLockTimeout(cause);
    const isPassing =
      isLocked || isWorthRepeating(cause) || (isConnectionLoss(cause) && !isPoolClosed(cause));
    const patient = batch.filter((waiting) => this.isPatient(waiting, error, isPassing));
    if (patient.length === 0) return [];
    if (isLocked && !patient.some((waiting) => this.aside.has(waiting))) {
      this.setAside(patient);
      return [];
    }
    await aMoment();
    return patient;
  }

  /** Keeps what is known of a failed unit; one that cannot wait any longer is told. */
  private isPatient(waiting: Waiting<Unit, Result>, error: unknown, isPassing: boolean): boolean {
    // Once a COMMIT went unanswered the unit may be there, whatever a later try says.
    if (!(waiting.lastError instanceof CommitOutcomeUnknown)) waiting.lastError = error;
    if (isPassing && this.monotonicMs() < waiting.until) return true;
    waiting.reject(waiting.lastError);
    return false;
  }

  /** Tried again apart, so that the others do not wait behind the one who holds the lock. */
  private setAside(batch: Waiting<Unit, Result>[]): void {
    for (const waiting of batch) this.aside.add(waiting);
    void aMoment()
      .then(() => this.write(batch))
      .finally(() => {
        for (const waiting of batch) {
          this.aside.delete(waiting);
          this.inFlight.delete(waiting);
        }
        this.rest();
      });
  }
}

async function aMoment(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 80));
}
