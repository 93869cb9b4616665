import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsOptional, IsString } from 'class-validator';
import { QueuedDto, type LaneOutcome } from '../../accounts/index.js';
import { QueryBoolean } from '../../platform/http/index.js';
import { showId } from '../../platform/ids/index.js';
import { ListQueryDto, type Page } from '../../tenants/index.js';
import { laneStates, type LaneStateName } from '../lane-condition.js';
import type { LaneView } from '../lane-views.js';

/** How a call to the provider ended. */
export class LaneOutcomeDto {
  /**
   * When the call ended.
   * @example '2026-03-01T09:00:00.000Z'
   */
  @ApiProperty({ format: 'date-time' })
  at!: string;

  /**
   * What is known of the message: `accepted`, `refused`, `not_sent` or `unknown`.
   * @example 'accepted'
   */
  outcome!: string;

  /**
   * Code of what went wrong; null where nothing did.
   * @example 'timeout'
   */
  @ApiProperty({ type: String, nullable: true })
  code!: string | null;

  static of({ at, outcome, code }: LaneOutcome): LaneOutcomeDto {
    return { at, outcome, code };
  }
}

/** The stream of provider calls of one account. */
export class LaneDto {
  /**
   * The account whose lane it is.
   * @example 'acc_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  account_id!: string;

  /**
   * Its name.
   * @example 'Main'
   */
  account_name!: string;

  /**
   * Whose account it is.
   * @example 'ten_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  tenant_id!: string;

  /**
   * The tenant’s name.
   * @example 'Acme Retail'
   */
  tenant_name!: string;

  /**
   * The connection that it sends over.
   * @example 'con_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  connection_id!: string;

  /**
   * `on_hold` with the whole installation, `paused` by people, `connection_paused` by the provider, `unowned`: work, and no worker has taken it yet;
   * `owner_lost`: its worker is gone, another is about to take over; `waiting`: see `reason`.
   * @example 'sending'
   */
  @ApiProperty({ enum: laneStates, enumName: 'LaneState' })
  state!: LaneStateName;

  /**
   * Why nothing goes out; null while it does, or where there is nothing to do.
   * @example 'balance_empty'
   */
  @ApiProperty({ type: String, nullable: true })
  reason!: string | null;

  /**
   * Since when it is so, where that is known.
   * @example '2026-03-01T09:00:00.000Z'
   */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  since!: string | null;

  /**
   * The worker that owns the lane; null for none.
   * @example '3f0c2a4e-8f53-4a8a-9a39-5d3b8a3f6c11'
   */
  @ApiProperty({ type: String, nullable: true })
  owner!: string | null;

  /**
   * The owner's last heartbeat.
   * @example '2026-03-01T09:00:00.000Z'
   */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  owner_heartbeat_at!: string | null;

  /**
   * Grows with each owner, and fences the former ones out.
   * @example 7
   */
  @ApiProperty({ type: 'integer' })
  token!: number;

  /**
   * Its part of the key's rate, held against those of the other lanes that have something to send.
   * @example 1
   */
  @ApiProperty({ type: 'integer' })
  weight!: number;

  /**
   * Sends a second that the lane may make; null without an owner.
   * @example 20
   */
  @ApiProperty({ type: Number, nullable: true })
  rate_per_second!: number | null;

  /**
   * Calls a second that the key allows at present, all its lanes together.
   * @example 20
   */
  key_rate_per_second!: number;

  /**
   * The rate at which the provider last said 429; null while it never did.
   * @example 23.5
   */
  @ApiProperty({ type: Number, nullable: true })
  learned_limit!: number | null;

  /**
   * Messages on the wire; null without an owner.
   * @example 4
   */
  @ApiProperty({ type: 'integer', nullable: true })
  in_flight!: number | null;

  /** Messages that wait in it. */
  queued!: QueuedDto;

  /**
   * When the oldest queued message was accepted, or became due; null where none is queued.
   * @example '2026-03-01T09:00:00.000Z'
   */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  oldest_queued_at!: string | null;

  /** The last calls that the owner tells of, oldest first. */
  last_outcomes!: LaneOutcomeDto[];

  static of(view: LaneView): LaneDto {
    // What a former owner has published says nothing about the present.
    const report = view.owner === null ? null : view.report;
    return {
      account_id: showId('acc', view.id),
      account_name: view.account_name,
      tenant_id: showId('ten', view.tenant_id),
      tenant_name: view.tenant_name,
      connection_id: showId('con', view.connection_id),
      state: view.condition.state,
      reason: view.condition.reason,
      since: view.condition.since?.toISOString() ?? null,
      owner: view.owner,
      owner_heartbeat_at: view.owner_heartbeat_at?.toISOString() ?? null,
      token: view.token,
      weight: view.weight,
      rate_per_second: report?.rate_per_second ?? null,
      key_rate_per_second: Math.min(view.rate, view.max_per_second ?? view.rate),
      learned_limit: view.learned_limit,
      in_flight: report?.in_flight ?? null,
      queued: QueuedDto.of(view.load),
      oldest_queued_at: view.load.oldestQueuedAt?.toISOString() ?? null,
      last_outcomes: (view.report?.last_outcomes ?? []).map((outcome) =>
        LaneOutcomeDto.of(outcome),
      ),
    };
  }
}

/** A page of lanes, newest account first. */
export class LaneListDto {
  /** The lanes of this page. */
  data!: LaneDto[];

  /**
   * For the next page; null on the last one.
   * @example 'AZ2fP3sOcHeKX5Cme8Y2kA'
   */
  @ApiProperty({ type: String, nullable: true })
  next_cursor!: string | null;

  static of({ rows, nextCursor }: Page<LaneView>): LaneListDto {
    return { data: rows.map((row) => LaneDto.of(row)), next_cursor: nextCursor };
  }
}

/** Which lanes to list. */
export class ListLanesQueryDto extends ListQueryDto {
  /**
   * Only the lanes of this tenant.
   * @example 'ten_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  @IsOptional()
  @IsString()
  tenant_id?: string;

  /**
   * `true`: only lanes with work or an owner.
   * @example true
   */
  @ApiPropertyOptional({ type: Boolean, default: false })
  @IsOptional()
  @QueryBoolean()
  @IsBoolean()
  with_work?: boolean;
}
