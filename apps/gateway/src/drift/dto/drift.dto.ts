import { ApiProperty } from '@nestjs/swagger';
import { showId } from '../../platform/ids/index.js';
import type { Page } from '../../tenants/index.js';
import { driftKinds, driftPlaces, type DriftKind, type DriftPlace } from '../drift-places.js';
import type { DriftRow } from '../drift-reader.js';

/** One way in which the provider differs from the contract that is known. */
export class DriftDto {
  /**
   * Names the difference.
   * @example 'drf_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  id!: string;

  /**
   * `more` counts all that came after the first 1,000 differences. New kinds may appear.
   * @example 'unknown_status'
   */
  @ApiProperty({ enum: driftKinds, enumName: 'DriftKind' })
  kind!: DriftKind;

  /**
   * What carried it: the answer to a call of ours, or a callback.
   * @example 'status_callback'
   */
  @ApiProperty({ enum: driftPlaces, enumName: 'DriftPlace' })
  place!: DriftPlace;

  /**
   * The member, status or form that is meant.
   * @example 'status: 77'
   */
  detail!: string;

  /**
   * How often it was seen.
   * @example 12
   */
  @ApiProperty({ type: 'integer' })
  times!: number;

  /**
   * When it was seen first.
   * @example '2026-03-01T09:00:00.000Z'
   */
  @ApiProperty({ format: 'date-time' })
  first_seen_at!: string;

  /**
   * When it was seen last.
   * @example '2026-03-02T17:30:00.000Z'
   */
  @ApiProperty({ format: 'date-time' })
  last_seen_at!: string;

  /**
   * The first one that carried it, without texts, phone numbers and callback URLs, cut to 500 characters; null for `more`.
   * @example '{"message_id":429,"status":77}'
   */
  @ApiProperty({ type: String, nullable: true })
  sample!: string | null;

  static of(row: DriftRow): DriftDto {
    return {
      id: showId('drf', row.id),
      kind: row.kind,
      place: row.place,
      detail: row.detail,
      times: row.times,
      first_seen_at: row.first_at.toISOString(),
      last_seen_at: row.last_at.toISOString(),
      sample: row.sample,
    };
  }
}

/** A page of the drift, the newest difference first. */
export class DriftListDto {
  /** The differences of this page. */
  data!: DriftDto[];

  /**
   * For the next page; null on the last one.
   * @example 'AZ2fP3sOcHeKX5Cme8Y2kA'
   */
  @ApiProperty({ type: String, nullable: true })
  next_cursor!: string | null;

  static of({ rows, nextCursor }: Page<DriftRow>): DriftListDto {
    return { data: rows.map((row) => DriftDto.of(row)), next_cursor: nextCursor };
  }
}
