import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Configuration } from '../platform/config/index.js';
import {
  CommitOutcomeUnknown,
  Database,
  DatabaseMetrics,
  GroupCommit,
  isConnectionLoss,
  isLockTimeout,
  LaneSignals,
  NotWritten,
  QueueFull,
  sqlFile,
  sqlStateOf,
  StillInFlight,
  type SqlStatement,
  type Transaction,
} from '../platform/database/index.js';
import type { Deadline } from '../platform/deadline/index.js';
import {
  DatabaseUnavailable,
  OutcomeUnknown,
  Overloaded,
  type AppError,
} from '../platform/errors/index.js';
import { Ids, showId } from '../platform/ids/index.js';
import { ProcessIdentity } from '../platform/process/index.js';
import { acceptanceRow, unitRow, type AcceptanceItem } from './acceptance-row.js';
import { ClaimReader, type AskedClaim, type ReadClaims } from './claim-reader.js';
import { AccountGone, IdempotencyInProgress, RecipientSuppressed } from './acceptance.errors.js';
import type { IdempotencyClaim, NewMessage } from './new-message.js';

/**
 * What a door of a higher floor keeps of a message, written in the transaction that accepts it.
 * Run again with the same rows, the statement changes nothing: a lost COMMIT is repeated.
 */
export interface Companion {
  /** Takes the rows of many messages as one JSON array. */
  readonly statement: SqlStatement;
  readonly rowOf: (message: NewMessage) => object;
}

/** What one caller wants accepted: one message, or a batch that stands or falls as one. */
export interface AcceptanceUnit {
  readonly tenantId: string;
  /** The accounts that the caller may use; null for all. */
  readonly accountIds: readonly string[] | null;
  /** The caller's key for the whole unit. */
  readonly claim: IdempotencyClaim | null;
  readonly items: readonly AcceptanceItem[];
  /** Kept under a batch's own key, so that a replay can answer alike; null for a single message. */
  readonly results: unknown;
  readonly companion?: Companion | undefined;
}

export type ItemVerdict =
  | { readonly kind: 'accepted'; readonly id: string }
  | { readonly kind: 'replayed'; readonly id: string }
  | { readonly kind: 'refused'; readonly error: AppError };

export type Acceptance =
  | { readonly kind: 'accepted'; readonly items: ItemVerdict[] }
  | { readonly kind: 'replayed'; readonly messageId: string | null; readonly results: unknown };

interface Flushable extends AcceptanceUnit {
  /**
   * Identifies this unit as the holder of its key: a single message's own id, and for a batch an id that no message
   * has, as the first of its messages may be lost to another key while the batch is won.
   */
  readonly claimId: string;
}

const accept = sqlFile(import.meta.url, './sql/accept.sql');
const wakeLanes = sqlFile(import.meta.url, './sql/wake-lanes.sql');

const rowsPerFlush = 1_000;
/** A caller hears within this time, whatever the database does (DISPATCH 3). */
const patienceMs = 2_800;
/** Where the first of the line waits for longer, those who come are told so before any work is done for them. */
const longestWaitMs = 1_500;

/** A lock waits for the holder of an equal key only: short, as all callers of the flush wait with it. */
const acceptance = {
  role: 'ingest',
  statementTimeoutMs: 2_000,
  lockTimeoutMs: 200,
  // A file of suppressions makes a list of none one of ten thousand.
  plans: 'without_whole_tables',
} as const;

/** Persists messages before they are acknowledged. An answer is given only after COMMIT. */
@Injectable()
export class MessageAcceptor implements OnApplicationShutdown {
  private readonly commit: GroupCommit<Flushable, Acceptance>;

  constructor(
    private readonly database: Database,
    private readonly signals: LaneSignals,
    private readonly ids: Ids,
    private readonly process: ProcessIdentity,
    private readonly claims: ClaimReader,
    configuration: Configuration,
    metrics: DatabaseMetrics,
  ) {
    this.commit = new GroupCommit((units) => this.flush(units), {
      maxRows: rowsPerFlush,
      maxWaitingRows: configuration.limits.acceptQueueRows,
      rowsOf: (unit) => Math.max(1, unit.items.length),
      observe: metrics.observerOf('accept'),
      longestWaitMs,
      patienceMs,
      givesUp: true,
    });
  }

  /** Rows that wait for their flush. */
  get waiting(): number {
    return this.commit.depth;
  }

  /**
   * Accepts all messages of the unit, or tells what stands under its key.
   * @throws IdempotencyKeyReused, AccountUnknown, IdempotencyInProgress, OutcomeUnknown, DatabaseUnavailable, Overloaded
   */
  async accept(unit: AcceptanceUnit, deadline: Deadline): Promise<Acceptance> {
    const [first] = unit.items;
    const isSingle = unit.results === null && first !== undefined;
    const flushable = { ...unit, claimId: isSingle ? first.message.id : this.ids.next() };
    try {
      return await this.commit.submit(flushable, deadline.remainingMs);
    } catch (error) {
      throw named(error, unit);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.commit.drained();
  }

  private async flush(units: Flushable[]): Promise<(Acceptance | Error)[]> {
    const rows = units.flatMap((unit) =>
      unit.items.map((item) => acceptanceRow(item, unit.claim ? unit.claimId : null)),
    );
    const claims = units.flatMap((unit) => (unit.claim ? [unitRow(unit, unit.claim)] : []));
    const lanes = lanesOf(units);
    const acceptances = await this.database.transaction('hot', acceptance, async (tx) => {
      const accepting = tx.query<{ id: string; suppressed: boolean }>(accept, [
        JSON.stringify(rows),
        JSON.stringify(claims),
        this.process.acceptanceCounters.of(tenantsOf(units)),
      ]);
      const waking = tx.query(wakeLanes, [
        lanes.map((lane) => lane.tenantId),
        lanes.map((lane) => lane.accountId),
      ]);
      const [verdicts] = await Promise.all([accepting, waking]);
      const flushed = new Flushed(verdicts);
      await writeCompanions(tx, units, flushed.won);
      // Within the transaction: after its COMMIT no look may fail any more.
      const standing = await this.claims.readIn(
        tx,
        units.flatMap((unit) => lostClaims(unit, flushed)),
      );
      return units.map((unit) => acceptanceOf(unit, flushed, standing));
    });
    for (const lane of lanes) this.signals.announce(lane.accountId);
    return acceptances;
  }
}

/** What the statement made of the ids that it was given. */
class Flushed {
  /** Messages that stand, and units whose key is theirs. */
  readonly won = new Set<string>();
  readonly suppressed = new Set<string>();

  constructor(rows: readonly { readonly id: string; readonly suppressed: boolean }[]) {
    for (const row of rows) (row.suppressed ? this.suppressed : this.won).add(row.id);
  }
}

/** One statement for each kind of companion, over all units of the flush. */
async function writeCompanions(
  tx: Transaction,
  units: readonly Flushable[],
  won: ReadonlySet<string>,
): Promise<void> {
  const rows = new Map<SqlStatement, object[]>();
  for (const { companion, items } of units) {
    if (companion === undefined) continue;
    const own = rows.get(companion.statement) ?? [];
    for (const { message } of items) if (won.has(message.id)) own.push(companion.rowOf(message));
    rows.set(companion.statement, own);
  }
  for (const [statement, own] of rows) await tx.query(statement, [JSON.stringify(own)]);
}

/** The keys of a unit that others hold: that of the whole, else those of its messages. */
function lostClaims(unit: Flushable, { won, suppressed }: Flushed): AskedClaim[] {
  const { tenantId, accountIds, claim } = unit;
  if (claim !== null && !won.has(unit.claimId)) return [{ tenantId, accountIds, claim }];
  return unit.items.flatMap(({ message: { id }, claim: own }) =>
    own === null || won.has(id) || suppressed.has(id) ? [] : [{ tenantId, accountIds, claim: own }],
  );
}

/** What came of a unit; an error where nothing of it was stored. */
function acceptanceOf(unit: Flushable, flushed: Flushed, standing: ReadClaims): Acceptance | Error {
  const { claim, claimId, items } = unit;
  if (claim === null || flushed.won.has(claimId)) {
    return {
      kind: 'accepted',
      items: items.map((item) => verdictOf(unit, item, flushed, standing)),
    };
  }
  const made = standing.madeBy({ ...unit, claim });
  if (made instanceof Error) return made;
  if (made !== null) return { kind: 'replayed', ...made };
  // Its key was not claimed: whoever repeats the message is asked for the recipient anew.
  return flushed.suppressed.has(claimId)
    ? new RecipientSuppressed('')
    : new IdempotencyInProgress();
}

function verdictOf(
  unit: Flushable,
  { message: { id }, claim, index }: AcceptanceItem,
  { won, suppressed }: Flushed,
  standing: ReadClaims,
): ItemVerdict {
  if (suppressed.has(id)) {
    const at = index === null ? '' : `/messages/${index}`;
    return { kind: 'refused', error: new RecipientSuppressed(at) };
  }
  if (claim === null || won.has(id)) return { kind: 'accepted', id };
  const made = standing.messageOf({ ...unit, claim });
  if (typeof made === 'string') return { kind: 'replayed', id: made };
  // Null: forgotten between the two statements. The rest of the batch stands, so only this message is told.
  return { kind: 'refused', error: made ?? new IdempotencyInProgress() };
}

function tenantsOf(units: readonly Flushable[]): string[] {
  return units.flatMap((unit) => unit.items.map(({ message }) => message.tenantId));
}

function lanesOf(units: readonly Flushable[]): { tenantId: string; accountId: string }[] {
  const lanes = new Map<string, { tenantId: string; accountId: string }>();
  for (const unit of units) {
    for (const { message } of unit.items) {
      if (message.sendAt === null) lanes.set(message.accountId, message);
    }
  }
  return [...lanes.values()];
}

function named(error: unknown, unit: AcceptanceUnit): unknown {
  if (error instanceof QueueFull) return new Overloaded();
  if (error instanceof NotWritten) return new DatabaseUnavailable();
  const failure = error instanceof StillInFlight ? error.cause : error;
  // The last try may still be written. Who repeats it under its keys sends it once all the same; without them
  // only "not known" is true, and a lock is no key in use.
  if (isLockTimeout(failure) && isUnderKeys(unit)) return new IdempotencyInProgress();
  if (error instanceof StillInFlight || error instanceof CommitOutcomeUnknown) {
    const first = unit.items[0];
    return new OutcomeUnknown(first ? showId('msg', first.message.id) : null);
  }
  if (isConnectionLoss(error) || isLockTimeout(error)) return new DatabaseUnavailable();
  if (sqlStateOf(error) === '23503') return new AccountGone();
  return error;
}

/** Whether each message of the unit is kept from being made twice by a key. */
function isUnderKeys(unit: AcceptanceUnit): boolean {
  return unit.claim !== null || unit.items.every((item) => item.claim !== null);
}
