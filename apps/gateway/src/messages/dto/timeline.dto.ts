import { ApiProperty } from '@nestjs/swagger';

/** One thing that happened to a message. */
export class TimelineEventDto {
  /**
   * When it happened, or when we learned of it.
   * @example '2026-03-01T09:00:00.182Z'
   */
  @ApiProperty({ format: 'date-time' })
  at!: string;

  /**
   * What happened: `accepted`, `scheduled`, `queued`, `attempt`, `receipt`, `poll`, `retry_scheduled`, `corrected`,
   * `cancelled`, `expired`, `webhook` (an attempt to deliver one of its events) and others. `waiting` is nothing that happened, but what a queued message waits for at the
   * moment of reading: always the last entry, and gone when it goes out. New types may appear.
   * @example 'attempt'
   */
  type!: string;

  /**
   * The status that it told; null where it told none.
   * @example 'sent'
   */
  @ApiProperty({ type: String, nullable: true })
  status!: string | null;

  /**
   * Which attempt it concerns, from 1; null where none.
   * @example 1
   */
  @ApiProperty({ type: 'integer', nullable: true })
  attempt!: number | null;

  /**
   * Whether the message took the status over; null where that is no question.
   * @example true
   */
  @ApiProperty({ type: Boolean, nullable: true })
  applied!: boolean | null;

  /**
   * Causes and circumstances; the members depend on the type. What an attempt, an expiry or a cancelled message waited
   * for before stands in `waited`, each `reason` with its milliseconds; a `waiting` entry has `reason`, `since` and
   * `ms`. Reasons are `restore_hold`, `tenant_suspended`, `account_paused`, those of a connection's pause (`balance_empty`, …),
   * `no_worker`, those that an account shows as `waiting_for`, and `turn`: others were before it.
   */
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    nullable: true,
    example: { outcome: 'accepted', provider_message_id: '429', duration_ms: 181 },
  })
  detail!: Record<string, unknown> | null;
}

/** What happened to a message, in order. */
export class TimelineDto {
  /** The events, oldest first. */
  data!: TimelineEventDto[];
}
