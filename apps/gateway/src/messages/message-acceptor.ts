import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Configuration } from '../platform/config/index.js';
import {
  CommitOutcomeUnknown,
  Database,
  GroupCommit,
  isConnectionLoss,
  isLockTimeout,
  LaneSignals,
  NotWritten,
  QueueFull,
  sqlFile,
  sqlStateOf,
  StillInFlight,
} from '../platform/database/index.js';
import { DatabaseUnavailable, OutcomeUnknown, Overloaded } from '../platform/errors/index.js';
import { Ids, showId } from '../platform/ids/index.js';
import { ProcessIdentity } from '../platform/process/index.js';
import { acceptanceRow, unitRow } from './acceptance-row.js';
import { ClaimReader, type ReadClaims } from './claim-reader.js';
import { AccountGone, IdempotencyInProgress, IdempotencyKeyReused } from './acceptance.errors.js';
import type { IdempotencyClaim, NewMessage } from './new-message.js';

/** What one caller wants accepted: one message, or a batch that stands or falls as one. */
export interface AcceptanceUnit {
  readonly tenantId: string;
  /** The caller's key for the whole unit. */
  readonly claim: IdempotencyClaim | null;
  readonly items: readonly {
    readonly message: NewMessage;
    readonly claim: IdempotencyClaim | null;
  }[];
  /** Kept under a batch's own key, so that a replay can answer alike; null for a single message. */
  readonly results: unknown;
}

export type ItemVerdict =
  | { readonly kind: 'accepted'; readonly id: string }
  | { readonly kind: 'replayed'; readonly id: string }
  | { readonly kind: 'key_reused' };

export type Acceptance =
  | { readonly kind: 'accepted'; readonly items: ItemVerdict[] }
  | { readonly kind: 'replayed'; readonly messageId: string | null; readonly results: unknown };

interface Flushable extends AcceptanceUnit {
  /** Identifies this unit as the holder of its key: the first message, or an id of its own. */
  readonly claimId: string;
}

interface Claimed {
  readonly message_id: string;
  readonly results: unknown;
  readonly body_hash: Buffer;
}

const accept = sqlFile(import.meta.url, './sql/accept.sql');
const wakeLanes = sqlFile(import.meta.url, './sql/wake-lanes.sql');
const readClaim = sqlFile(import.meta.url, './sql/read-claim.sql');

const rowsPerFlush = 1_000;
/** A caller hears within this time, whatever the database does (DISPATCH 3). */
const patienceMs = 2_800;

/** A lock waits for the holder of an equal key only: short, as all callers of the flush wait with it. */
const acceptance = { role: 'ingest', statementTimeoutMs: 2_000, lockTimeoutMs: 200 } as const;

/** Persists messages before they are acknowledged. An answer is given only after COMMIT. */
@Injectable()
export class MessageAcceptor implements OnApplicationShutdown {
  private readonly commit: GroupCommit<Flushable, ReadonlySet<string>>;

  constructor(
    private readonly database: Database,
    private readonly signals: LaneSignals,
    private readonly ids: Ids,
    private readonly process: ProcessIdentity,
    private readonly claims: ClaimReader,
    configuration: Configuration,
  ) {
    this.commit = new GroupCommit((units) => this.flush(units), {
      maxRows: rowsPerFlush,
      maxWaitingRows: configuration.limits.acceptQueueRows,
      rowsOf: (unit) => Math.max(1, unit.items.length),
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
   * @throws IdempotencyKeyReused, IdempotencyInProgress, OutcomeUnknown, DatabaseUnavailable, Overloaded
   */
  async accept(unit: AcceptanceUnit): Promise<Acceptance> {
    const claimId = unit.items[0]?.message.id ?? this.ids.next();
    const won = await this.write({ ...unit, claimId });
    if (unit.claim !== null && !won.has(claimId)) {
      const claimed = await this.claimed(unit.tenantId, unit.claim);
      if (claimed === 'key_reused') throw new IdempotencyKeyReused();
      return {
        kind: 'replayed',
        messageId: claimed.results === null ? claimed.message_id : null,
        results: claimed.results,
      };
    }
    return { kind: 'accepted', items: await this.verdictsOf(unit, won) };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.commit.drained();
  }

  private async write(unit: Flushable): Promise<ReadonlySet<string>> {
    try {
      return await this.commit.submit(unit);
    } catch (error) {
      throw named(error, unit);
    }
  }

  private async flush(units: Flushable[]): Promise<ReadonlySet<string>[]> {
    const rows = units.flatMap((unit) =>
      unit.items.map((item) =>
        acceptanceRow(item.message, item.claim, unit.claim ? unit.claimId : null),
      ),
    );
    const claims = units.flatMap((unit) => (unit.claim ? [unitRow(unit, unit.claim)] : []));
    const lanes = lanesOf(units);
    const won = await this.database.transaction('hot', acceptance, async (tx) => {
      const accepted = await tx.query<{ id: string }>(accept, [
        JSON.stringify(rows),
        JSON.stringify(claims),
        this.process.id,
      ]);
      await tx.query(wakeLanes, [
        lanes.map((lane) => lane.tenantId),
        lanes.map((lane) => lane.accountId),
      ]);
      return new Set(accepted.map((row) => row.id));
    });
    for (const lane of lanes) this.signals.announce(lane.accountId);
    return units.map(() => won);
  }

  /** One look-up for all items whose keys were won by others before. */
  private async verdictsOf(unit: AcceptanceUnit, won: ReadonlySet<string>): Promise<ItemVerdict[]> {
    const lost = unit.items.flatMap(({ message, claim }) =>
      claim === null || won.has(message.id) ? [] : [claim],
    );
    const known = await this.claims.read(unit.tenantId, lost);
    return unit.items.map(({ message, claim }) =>
      claim === null || won.has(message.id)
        ? { kind: 'accepted', id: message.id }
        : lostVerdict(known, claim),
    );
  }

  private async claimed(
    tenantId: string,
    claim: IdempotencyClaim,
  ): Promise<Claimed | 'key_reused'> {
    const claimed = await this.read(tenantId, claim.key);
    // The holder of the key was rolled back between our insert and this look.
    if (claimed === null) throw new IdempotencyInProgress();
    return claimed.body_hash.equals(claim.bodyHash) ? claimed : 'key_reused';
  }

  private async read(tenantId: string, key: string): Promise<Claimed | null> {
    return this.database.transaction('reads', { role: 'tenant', tenantId }, async (tx) => {
      const [claimed] = await tx.query<Claimed>(readClaim, [tenantId, key]);
      return claimed ?? null;
    });
  }
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

function named(error: unknown, unit: Flushable): unknown {
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

function lostVerdict(known: ReadClaims, claim: IdempotencyClaim): ItemVerdict {
  try {
    const id = known.messageOf(claim);
    // The holder of the key was rolled back between our insert and this look.
    if (id === null) throw new IdempotencyInProgress();
    return { kind: 'replayed', id };
  } catch (error) {
    if (error instanceof IdempotencyKeyReused) return { kind: 'key_reused' };
    throw error;
  }
}
