import { Injectable } from '@nestjs/common';
import {
  Database,
  newestMigration,
  sqlFile,
  type Transaction,
} from '../platform/database/index.js';
import { pauseOf, type LaneReport, type PauseColumns } from '../accounts/index.js';
import { pollShare } from '../lanes/index.js';
import { laneCondition, type LaneCondition, type LaneStateName } from './lane-condition.js';

export const classNames = ['urgent', 'normal', 'promotional'] as const;
export type ClassName = (typeof classNames)[number];

/** The present ones, then those that fell silent within the last hour. */
export interface WorkerState {
  readonly id: string;
  readonly version: string;
  readonly started_at: Date;
  readonly heartbeat_at: Date;
  readonly lost_at: Date | null;
  readonly lease_ms: number;
  readonly lanes: number;
  /** How far its clock is from the database's, in milliseconds. */
  readonly clock_offset_ms: number | null;
  readonly alive: boolean;
}

export interface PausedConnection {
  readonly id: string;
  /** null where the operator owns it. */
  readonly tenant_id: string | null;
  readonly name: string;
  readonly reason: string;
  readonly since: Date;
}

/** The hold of the whole installation. */
export interface HoldState {
  readonly since: Date;
  /** Of `GET /admin/installation`. */
  readonly because: string;
}

export interface LaneCount {
  readonly state: LaneStateName;
  /** A stable code, where the provider or the lane's owner gave one; people's words are not counted. */
  readonly reason: string | null;
  readonly lanes: number;
}

/** What the daily proof says at present. */
export interface ProofState {
  /** null where no day was proved yet. */
  readonly lastCheckedAt: Date | null;
  /** Days of tenants that do not add up. */
  readonly failedDays: number;
  /** Of those days, by name. */
  readonly misses: number;
}

/** How often the provider differed from its contract in one way at one place. */
export interface DriftCount {
  readonly place: string;
  readonly kind: string;
  readonly times: number;
}

/** The whole installation at one moment, as its database tells. Counts end at `countedTo`. */
export interface SystemState {
  readonly at: Date;
  readonly queued: Readonly<Record<ClassName, number>>;
  readonly oldestQueuedAt: Readonly<Record<ClassName, Date | null>>;
  readonly scheduled: number;
  readonly awaiting: Readonly<Record<'sent' | 'pending' | 'uncertain', number>>;
  readonly pollsDue: number;
  /** Polls a second that the owned lanes keep free for, whatever there is to send. */
  readonly pollsPossiblePerSecond: number;
  readonly openIntents: number;
  readonly oldestIntentAt: Date | null;
  readonly inFlight: number;
  readonly unfoldedReceipts: number;
  readonly oldestUnfoldedAt: Date | null;
  readonly unrelayedEvents: number;
  readonly oldestUnrelayedAt: Date | null;
  /** null while it sends. */
  readonly hold: HoldState | null;
  /** Marks of the database that were never read: a copy that differs in them alone is not told. */
  readonly unreadMarks: number;
  readonly partitionHorizon: Date;
  readonly strayRows: number;
  readonly lanes: readonly LaneCount[];
  readonly workers: readonly WorkerState[];
  readonly pausedConnections: readonly PausedConnection[];
  readonly proof: ProofState;
  /** Callbacks whose message is not here: of another database, or of one that was restored. */
  readonly orphanedCallbacks: number;
  readonly drift: readonly DriftCount[];
  /** null where the provider never differed. */
  readonly driftLastAt: Date | null;
  readonly postgresVersion: string;
  readonly schema: { readonly applied: string; readonly needed: string };
}

/** Seconds since, by the state's own clock; 0 where there is nothing to wait for. */
export function ageSeconds(state: SystemState, since: Date | null): number {
  return since === null ? 0 : Math.max(0, (state.at.getTime() - since.getTime()) / 1_000);
}

interface WorkRow {
  readonly queued_by_class: Readonly<Record<string, number>> | null;
  readonly oldest_by_class: Readonly<Record<string, string>> | null;
  readonly scheduled: number;
  readonly awaiting_by_status: Readonly<Record<string, number>> | null;
  readonly polls_due: number;
  readonly open_intents: number;
  readonly oldest_intent_at: Date | null;
  readonly unfolded_receipts: number;
  readonly oldest_unfolded_at: Date | null;
  readonly unrelayed_events: number;
  readonly oldest_unrelayed_at: Date | null;
  readonly partition_horizon: Date;
  readonly stray_rows: number;
  readonly now: Date;
}

interface LaneKindRow {
  readonly tenant_suspended: boolean;
  readonly paused_by: PauseColumns['paused_by'];
  readonly connection_paused: boolean;
  readonly connection_pause_reason: string | null;
  readonly owned: boolean;
  readonly owner_lost: boolean;
  readonly has_work: boolean;
  readonly report_state: LaneReport['state'] | null;
  readonly report_reason: string | null;
  readonly lanes: number;
  readonly in_flight: number;
  readonly rate: number;
}

interface EvidenceRow {
  readonly last_proof_at: Date | null;
  readonly failed_proofs: number;
  readonly proof_misses: number;
  readonly orphaned_callbacks: number;
  readonly drift: readonly DriftCount[];
  readonly drift_last_at: Date | null;
}

interface HoldRow {
  readonly held_at: Date | null;
  readonly held_because: string | null;
  readonly unread_marks: number;
}

/** Counting ends here: what lies beyond is far too much either way. */
export const countedTo = 1_000_000;

const readWork = sqlFile(import.meta.url, './sql/read-work.sql');
const countLanes = sqlFile(import.meta.url, './sql/count-lanes.sql');
const readWorkers = sqlFile(import.meta.url, './sql/read-workers.sql');
const readPausedConnections = sqlFile(import.meta.url, './sql/read-paused-connections.sql');
const readEvidence = sqlFile(import.meta.url, './sql/read-evidence.sql');
const readHold = `select held_at, held_because,
  num_nulls(system_identifier, timeline, database_oid) as unread_marks from installation`;
const readVersions = `select current_setting('server_version') as postgres,
  (select name from schema_migrations order by timestamp desc limit 1) as applied`;

const mostPausedConnections = 100;
/** Several scrapers and people look at once, and each look counts the queue. */
const freshForMs = 5_000;

/** Reads the state of the whole installation, for the operators' overview and for the metrics. */
@Injectable()
export class SystemStateReader {
  private last: { readonly state: Promise<SystemState>; readonly readMs: number } | null = null;

  constructor(private readonly database: Database) {}

  /** At most five seconds old. */
  recent(): Promise<SystemState> {
    const nowMs = performance.now();
    if (this.last === null || nowMs - this.last.readMs > freshForMs) {
      const state = this.read();
      this.last = { state, readMs: nowMs };
      // A failed reading is not kept.
      state.catch(() => (this.last = null));
    }
    return this.last.state;
  }

  read(): Promise<SystemState> {
    return this.database.transaction('reads', { role: 'operator' }, (tx) => readState(tx));
  }
}

async function readState(tx: Transaction): Promise<SystemState> {
  const [work] = (await tx.query<WorkRow>(readWork, [countedTo])) as [WorkRow];
  const kinds = await tx.query<LaneKindRow>(countLanes);
  const workers = await tx.query<WorkerState>(readWorkers);
  const pausedConnections = await tx.query<PausedConnection>(readPausedConnections, [
    mostPausedConnections,
  ]);
  const [evidence] = (await tx.query<EvidenceRow>(readEvidence, [countedTo])) as [EvidenceRow];
  const [installation] = (await tx.query(readHold)) as [HoldRow];
  const hold = holdOf(installation);
  const [versions] = (await tx.query(readVersions)) as [{ postgres: string; applied: string }];
  const sum = (of: (kind: LaneKindRow) => number): number =>
    kinds.reduce((total, kind) => total + of(kind), 0);
  return {
    at: work.now,
    queued: byClass((line) => work.queued_by_class?.[line] ?? 0),
    oldestQueuedAt: byClass((line) => dateOf(work.oldest_by_class?.[line])),
    scheduled: work.scheduled,
    awaiting: {
      sent: work.awaiting_by_status?.['sent'] ?? 0,
      pending: work.awaiting_by_status?.['pending'] ?? 0,
      uncertain: work.awaiting_by_status?.['uncertain'] ?? 0,
    },
    pollsDue: work.polls_due,
    pollsPossiblePerSecond: sum((kind) => kind.rate) * pollShare,
    openIntents: work.open_intents,
    oldestIntentAt: work.oldest_intent_at,
    inFlight: sum((kind) => kind.in_flight),
    unfoldedReceipts: work.unfolded_receipts,
    oldestUnfoldedAt: work.oldest_unfolded_at,
    unrelayedEvents: work.unrelayed_events,
    oldestUnrelayedAt: work.oldest_unrelayed_at,
    hold,
    unreadMarks: installation.unread_marks,
    partitionHorizon: work.partition_horizon,
    strayRows: work.stray_rows,
    lanes: countsOf(kinds, work.now, hold),
    workers,
    pausedConnections,
    proof: {
      lastCheckedAt: evidence.last_proof_at,
      failedDays: evidence.failed_proofs,
      misses: evidence.proof_misses,
    },
    orphanedCallbacks: evidence.orphaned_callbacks,
    drift: evidence.drift,
    driftLastAt: evidence.drift_last_at,
    postgresVersion: versions.postgres,
    schema: { applied: versions.applied, needed: newestMigration },
  };
}

function holdOf({ held_at: since, held_because: because }: HoldRow): HoldState | null {
  return since === null || because === null ? null : { since, because };
}

function byClass<T>(of: (line: string) => T): Record<ClassName, T> {
  return { urgent: of('0'), normal: of('1'), promotional: of('2') };
}

function dateOf(text: string | undefined): Date | null {
  return text === undefined ? null : new Date(text);
}

/** Each kind of lane is judged as one lane of it would be. */
function countsOf(kinds: readonly LaneKindRow[], now: Date, hold: HoldState | null): LaneCount[] {
  const counts = new Map<string, LaneCount>();
  for (const kind of kinds) {
    const { state, reason } = conditionOf(kind, now, hold);
    const key = `${state}/${reason ?? ''}`;
    counts.set(key, { state, reason, lanes: (counts.get(key)?.lanes ?? 0) + kind.lanes });
  }
  return [...counts.values()];
}

function conditionOf(kind: LaneKindRow, now: Date, hold: HoldState | null): LaneCondition {
  const { paused_by, connection_pause_reason, report_state, report_reason } = kind;
  return laneCondition({
    held_at: hold?.since ?? null,
    pause: pauseOf({
      tenant_suspended_at: kind.tenant_suspended ? now : null,
      paused_by,
      paused_at: paused_by === null ? null : now,
      pause_reason: null,
      connection_paused_at: kind.connection_paused ? now : null,
      connection_pause_reason,
    }),
    owner: kind.owned ? 'a worker' : null,
    owner_lost_at: kind.owner_lost ? now : null,
    has_work: kind.has_work,
    active_since: null,
    report:
      report_state === null ? null : { state: report_state, reason: report_reason, since: null },
  });
}
