import { ApiProperty } from '@nestjs/swagger';
import { showId } from '../../platform/ids/index.js';
import { productVersion } from '../../platform/process/index.js';
import { laneStates, type LaneStateName } from '../lane-condition.js';
import {
  ageSeconds,
  type HoldState,
  type LaneCount,
  type PausedConnection,
  type ProofState,
  type SystemState,
  type WorkerState,
} from '../system-state.js';

const nullableTime = { type: String, format: 'date-time', nullable: true } as const;

/** What runs, and on what. */
export class VersionsDto {
  /**
   * Of the gateway that answered.
   * @example '0.1.0'
   */
  gateway!: string;

  /**
   * Node.js of the gateway that answered.
   * @example 'v20.20.2'
   */
  node!: string;

  /**
   * PostgreSQL.
   * @example '18.1'
   */
  postgresql!: string;

  /**
   * The newest migration that the database has.
   * @example '0001-initial1795392000000'
   */
  schema!: string;

  /**
   * The newest migration that this gateway needs.
   * @example '0001-initial1795392000000'
   */
  schema_needed!: string;
}

/** The hold of the whole installation. */
export class OverviewHoldDto {
  /**
   * Since when nothing is sent.
   * @example '2026-03-01T09:00:00.000Z'
   */
  @ApiProperty({ format: 'date-time' })
  since!: string;

  /**
   * As in `GET /admin/installation`.
   * @example 'marks_differ'
   */
  because!: string;

  static of({ since, because }: HoldState): OverviewHoldDto {
    return { since: since.toISOString(), because };
  }
}

/** One worker process. */
export class WorkerDto {
  /**
   * Made at each start, and anew after it was declared lost.
   * @example '3f0c2a4e-8f53-4a8a-9a39-5d3b8a3f6c11'
   */
  id!: string;

  /**
   * Whether its heartbeat is younger than a lease.
   * @example true
   */
  alive!: boolean;

  /**
   * Version of the gateway.
   * @example '0.1.0'
   */
  version!: string;

  /**
   * When it started, or went on under this id.
   * @example '2026-03-01T09:00:00.000Z'
   */
  @ApiProperty({ format: 'date-time' })
  started_at!: string;

  /**
   * Its last heartbeat.
   * @example '2026-03-01T09:00:00.000Z'
   */
  @ApiProperty({ format: 'date-time' })
  heartbeat_at!: string;

  /**
   * When another worker declared it lost; null while nobody has.
   * @example '2026-03-01T09:00:00.000Z'
   */
  @ApiProperty(nullableTime)
  lost_at!: string | null;

  /**
   * Lanes that it owned at its last heartbeat.
   * @example 12
   */
  @ApiProperty({ type: 'integer', minimum: 0 })
  lanes!: number;

  /**
   * How far its clock is from the database's, in milliseconds; null where it was not measured yet.
   * @example -3.5
   */
  @ApiProperty({ type: Number, nullable: true })
  clock_offset_ms!: number | null;

  static of(worker: WorkerState): WorkerDto {
    return {
      id: worker.id,
      alive: worker.alive,
      version: worker.version,
      started_at: worker.started_at.toISOString(),
      heartbeat_at: worker.heartbeat_at.toISOString(),
      lost_at: worker.lost_at?.toISOString() ?? null,
      lanes: worker.lanes,
      clock_offset_ms: worker.clock_offset_ms,
    };
  }
}

/** How many lanes are in one state for one reason. */
export class LaneCountDto {
  /**
   * As in the list of lanes.
   * @example 'waiting'
   */
  @ApiProperty({ enum: laneStates, enumName: 'LaneState' })
  state!: LaneStateName;

  /**
   * A stable code; null where there is none, and for people's pauses, whose words are their own.
   * @example 'rate_limit'
   */
  @ApiProperty({ type: String, nullable: true })
  reason!: string | null;

  /**
   * Lanes in that state.
   * @example 3
   */
  @ApiProperty({ type: 'integer', minimum: 1 })
  lanes!: number;

  static of({ state, reason, lanes }: LaneCount): LaneCountDto {
    return { state, reason, lanes };
  }
}

/** A connection that the provider has paused. */
export class PausedConnectionDto {
  /**
   * The connection.
   * @example 'con_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  id!: string;

  /**
   * Whose it is; null where the operator owns it.
   * @example 'ten_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  @ApiProperty({ type: String, nullable: true })
  tenant_id!: string | null;

  /**
   * Its name.
   * @example 'Main'
   */
  name!: string;

  /**
   * What the provider said: `balance_empty`, `key_refused` or `requests_refused`.
   * @example 'balance_empty'
   */
  reason!: string;

  /**
   * Since when.
   * @example '2026-03-01T09:00:00.000Z'
   */
  @ApiProperty({ format: 'date-time' })
  since!: string;

  static of(paused: PausedConnection): PausedConnectionDto {
    return {
      id: showId('con', paused.id),
      tenant_id: paused.tenant_id === null ? null : showId('ten', paused.tenant_id),
      name: paused.name,
      reason: paused.reason,
      since: paused.since.toISOString(),
    };
  }
}

/** What waits in the queue, and since when, by class. */
export class QueueOverviewDto {
  /**
   * Urgent messages.
   * @example 0
   */
  @ApiProperty({ type: 'integer', minimum: 0, maximum: 1_000_001 })
  urgent!: number;

  /**
   * Normal messages.
   * @example 120
   */
  @ApiProperty({ type: 'integer', minimum: 0, maximum: 1_000_001 })
  normal!: number;

  /**
   * Promotional messages.
   * @example 40000
   */
  @ApiProperty({ type: 'integer', minimum: 0, maximum: 1_000_001 })
  promotional!: number;

  /**
   * Messages whose `send_at` lies ahead.
   * @example 15
   */
  @ApiProperty({ type: 'integer', minimum: 0, maximum: 1_000_001 })
  scheduled!: number;

  /**
   * When the oldest of all classes was accepted, or became due; null where none waits.
   * @example '2026-03-01T09:00:00.000Z'
   */
  @ApiProperty(nullableTime)
  oldest_at!: string | null;
}

/** Sent or possibly sent, and not final. */
export class AwaitingOverviewDto {
  /**
   * The provider has them.
   * @example 340
   */
  @ApiProperty({ type: 'integer', minimum: 0, maximum: 1_000_001 })
  sent!: number;

  /**
   * The provider says that delivery is pending.
   * @example 12
   */
  @ApiProperty({ type: 'integer', minimum: 0, maximum: 1_000_001 })
  pending!: number;

  /**
   * Nobody knows whether they were sent.
   * @example 0
   */
  @ApiProperty({ type: 'integer', minimum: 0, maximum: 1_000_001 })
  uncertain!: number;

  /**
   * Status requests that are due and not made yet.
   * @example 2
   */
  @ApiProperty({ type: 'integer', minimum: 0, maximum: 1_000_001 })
  polls_due!: number;

  /**
   * Status requests a second that the owned lanes keep free for.
   * @example 2.5
   */
  @ApiProperty({ type: Number, minimum: 0 })
  polls_possible_per_second!: number;
}

/** How far behind the loops are. */
export class LagsDto {
  /**
   * How long the oldest callback that is not applied has waited, in seconds.
   * @example 0.1
   */
  @ApiProperty({ type: Number, minimum: 0 })
  fold_seconds!: number;

  /**
   * How long the oldest event without a place in the feed has waited, in seconds.
   * @example 0.1
   */
  @ApiProperty({ type: Number, minimum: 0 })
  outbox_seconds!: number;

  /**
   * Age of the oldest open intent, in seconds.
   * @example 0.2
   */
  @ApiProperty({ type: Number, minimum: 0 })
  intent_seconds!: number;
}

/** Whether the partitions reach far enough ahead. */
export class PartitionsDto {
  /**
   * Until when partitions are made.
   * @example '2026-04-06T00:00:00.000Z'
   */
  @ApiProperty({ format: 'date-time' })
  horizon!: string;

  /**
   * Rows that fell into the DEFAULT partitions: anything but 0 wants an operator.
   * @example 0
   */
  @ApiProperty({ type: 'integer', minimum: 0 })
  stray_rows!: number;
}

/** What the daily proof says; the days stand in `GET /admin/reconciliations`. */
export class ProofOverviewDto {
  /**
   * When a day was last proved; null where none was.
   * @example '2026-03-01T09:00:00.000Z'
   */
  @ApiProperty(nullableTime)
  last_checked_at!: string | null;

  /**
   * Days of tenants that do not add up: anything but 0 wants an operator.
   * @example 0
   */
  @ApiProperty({ type: 'integer', minimum: 0 })
  failed_days!: number;

  /**
   * What is amiss on those days.
   * @example 0
   */
  @ApiProperty({ type: 'integer', minimum: 0 })
  misses!: number;

  static of({ lastCheckedAt, failedDays, misses }: ProofState): ProofOverviewDto {
    return {
      last_checked_at: lastCheckedAt?.toISOString() ?? null,
      failed_days: failedDays,
      misses,
    };
  }
}

/** How the provider differs from its known contract; the differences stand in `GET /admin/drift`. */
export class DriftOverviewDto {
  /**
   * How often it differed since the first time.
   * @example 3
   */
  @ApiProperty({ type: 'integer', minimum: 0 })
  sightings!: number;

  /**
   * When it last did; null where it never did.
   * @example '2026-03-01T09:00:00.000Z'
   */
  @ApiProperty(nullableTime)
  last_seen_at!: string | null;
}

/** The whole installation at a glance. Counts end at a million. */
export class OverviewDto {
  /**
   * The database's clock when this was read; it may be five seconds old.
   * @example '2026-03-01T09:00:00.000Z'
   */
  @ApiProperty({ format: 'date-time' })
  at!: string;

  /** What runs here. */
  versions!: VersionsDto;

  /** Why nothing leaves the installation; null while it sends. */
  @ApiProperty({ type: OverviewHoldDto, nullable: true })
  hold!: OverviewHoldDto | null;

  /** The present workers, and those that fell silent within the last hour; 100 at most. */
  workers!: WorkerDto[];

  /** Messages that wait to be sent. */
  queued!: QueueOverviewDto;

  /**
   * Messages on the wire.
   * @example 4
   */
  @ApiProperty({ type: 'integer', minimum: 0 })
  in_flight!: number;

  /** Messages whose final status is still to come. */
  awaiting!: AwaitingOverviewDto;

  /** What is behind, and how far. */
  lags!: LagsDto;

  /** Lanes by state and reason. */
  lanes!: LaneCountDto[];

  /** Longest pause first; 100 at most. */
  paused_connections!: PausedConnectionDto[];

  /** The partitions made ahead. */
  partitions!: PartitionsDto;

  /** Whether every day adds up. */
  proof!: ProofOverviewDto;

  /**
   * Callbacks of the last six days whose message is not here: a restored database, or somebody else's.
   * @example 0
   */
  @ApiProperty({ type: 'integer', minimum: 0, maximum: 1_000_001 })
  orphaned_callbacks!: number;

  /** How the provider differs from its known contract. */
  drift!: DriftOverviewDto;

  static of(state: SystemState): OverviewDto {
    return {
      at: state.at.toISOString(),
      versions: {
        gateway: productVersion,
        node: process.version,
        postgresql: state.postgresVersion,
        schema: state.schema.applied,
        schema_needed: state.schema.needed,
      },
      hold: state.hold === null ? null : OverviewHoldDto.of(state.hold),
      workers: state.workers.map((worker) => WorkerDto.of(worker)),
      queued: {
        ...state.queued,
        scheduled: state.scheduled,
        oldest_at: oldest(Object.values(state.oldestQueuedAt))?.toISOString() ?? null,
      },
      in_flight: state.inFlight,
      awaiting: {
        ...state.awaiting,
        polls_due: state.pollsDue,
        polls_possible_per_second: state.pollsPossiblePerSecond,
      },
      lags: {
        fold_seconds: ageSeconds(state, state.oldestUnfoldedAt),
        outbox_seconds: ageSeconds(state, state.oldestUnrelayedAt),
        intent_seconds: ageSeconds(state, state.oldestIntentAt),
      },
      lanes: state.lanes.map((count) => LaneCountDto.of(count)),
      paused_connections: state.pausedConnections.map((paused) => PausedConnectionDto.of(paused)),
      partitions: {
        horizon: state.partitionHorizon.toISOString(),
        stray_rows: state.strayRows,
      },
      proof: ProofOverviewDto.of(state.proof),
      orphaned_callbacks: state.orphanedCallbacks,
      drift: {
        sightings: state.drift.reduce((sum, { times }) => sum + times, 0),
        last_seen_at: state.driftLastAt?.toISOString() ?? null,
      },
    };
  }
}

function oldest(times: readonly (Date | null)[]): Date | null {
  return times.reduce(
    (first, time) => (time !== null && (first === null || time < first) ? time : first),
    null,
  );
}
