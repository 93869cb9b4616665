import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMinSize, ArrayUnique, IsArray, IsIn, IsOptional } from 'class-validator';
import { eventTypes, IsInstant, type EventType } from '../../messages/index.js';
import { showId } from '../../platform/ids/index.js';
import { ListQueryDto, type Page } from '../../tenants/index.js';
import { deliveryStatuses, type Delivery, type DeliveryStatus } from '../delivery.js';
import type { TestResult } from '../webhook-tester.js';

/** Which deliveries to show. */
export class ListWebhookDeliveriesQueryDto extends ListQueryDto {
  /**
   * Only those that stand so.
   * @example 'failed'
   */
  @ApiPropertyOptional({ enum: deliveryStatuses, enumName: 'WebhookDeliveryStatus' })
  @IsOptional()
  @IsIn(deliveryStatuses)
  status?: DeliveryStatus;
}

/** What to deliver once more. */
export class ReplayWebhooksDto {
  /**
   * Events from this time on: ISO 8601 with an offset, at most 30 days back.
   * @example '2026-03-01T00:00:00Z'
   */
  @ApiProperty({ format: 'date-time' })
  @IsInstant()
  since!: string;

  /**
   * Events before this time: ISO 8601 with an offset.
   * @example '2026-03-02T00:00:00Z'
   */
  @ApiProperty({ format: 'date-time' })
  @IsInstant()
  until!: string;

  /**
   * Only these. Left out: what the endpoint gets.
   * @example ['message.delivered']
   */
  @ApiPropertyOptional({ enum: eventTypes, enumName: 'EventType', isArray: true, minItems: 1 })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique()
  @IsIn(eventTypes, { each: true })
  types?: EventType[];
}

/** How much is delivered once more. */
export class ReplayedWebhooksDto {
  /**
   * Events that are due again now, each under its `webhook-id` of before. What waits already is not counted.
   * @example 1200
   */
  @ApiProperty({ type: 'integer' })
  events!: number;
}

/** One time that a delivery was tried. */
export class WebhookAttemptDto {
  /**
   * When it ended.
   * @example '2026-03-01T09:00:01.000Z'
   */
  @ApiProperty({ format: 'date-time' })
  at!: string;

  /**
   * The status of the answer; null where none came.
   * @example 500
   */
  @ApiProperty({ type: 'integer', nullable: true })
  http_status!: number | null;

  /**
   * Why there was no answer, or why it does not count: `timeout`, `connect`, `tls`, `reset`, `unreadable_answer`, `redirect`,
   * `http_status`, or the reason of `url_not_allowed`; null where it went well. New codes may appear.
   * @example 'http_status'
   */
  @ApiProperty({ type: String, nullable: true })
  error!: string | null;

  /**
   * How long it took, in milliseconds.
   * @example 87
   */
  @ApiProperty({ type: 'integer' })
  duration_ms!: number;

  /**
   * The first 1,024 bytes of the answer; null where none came.
   * @example 'Internal Server Error'
   */
  @ApiProperty({ type: String, nullable: true })
  answer!: string | null;
}

/** One event for one endpoint. */
export class WebhookDeliveryDto {
  /**
   * The `webhook-id` of all its attempts: that of the event.
   * @example 'evt_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  id!: string;

  /**
   * What happened.
   * @example 'message.delivered'
   */
  @ApiProperty({ enum: eventTypes, enumName: 'EventType' })
  type!: EventType;

  /**
   * The message that it tells of; null where it tells of none.
   * @example 'msg_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  @ApiProperty({ type: String, nullable: true })
  message_id!: string | null;

  /**
   * `pending` waits for its first or next attempt, `failed` has used up its ten.
   * @example 'pending'
   */
  @ApiProperty({ enum: deliveryStatuses, enumName: 'WebhookDeliveryStatus' })
  status!: DeliveryStatus;

  /**
   * Attempts so far, since it was last asked for.
   * @example 1
   */
  @ApiProperty({ type: 'integer' })
  attempts!: number;

  /**
   * When it is tried next at the earliest; null where it is not.
   * @example '2026-03-01T09:05:00.000Z'
   */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  next_attempt_at!: string | null;

  /** null before the first attempt has ended. */
  @ApiProperty({ type: WebhookAttemptDto, nullable: true })
  last_attempt!: WebhookAttemptDto | null;

  /**
   * When the event came to be delivered.
   * @example '2026-03-01T09:00:00.000Z'
   */
  @ApiProperty({ format: 'date-time' })
  created_at!: string;

  static of(delivery: Delivery): WebhookDeliveryDto {
    return {
      id: showId('evt', delivery.event_id),
      type: delivery.type as EventType,
      message_id: delivery.message_id === null ? null : showId('msg', delivery.message_id),
      status: delivery.status,
      attempts: delivery.attempts,
      next_attempt_at: delivery.due_at?.toISOString() ?? null,
      last_attempt:
        delivery.last_at === null
          ? null
          : {
              at: delivery.last_at.toISOString(),
              http_status: delivery.last_status,
              error: delivery.last_error,
              duration_ms: delivery.last_ms ?? 0,
              answer: delivery.last_answer,
            },
      created_at: delivery.created_at.toISOString(),
    };
  }
}

/** A page of deliveries, newest event first. */
export class WebhookDeliveryListDto {
  /** The deliveries of this page. */
  data!: WebhookDeliveryDto[];

  /**
   * For the next page; null on the last one.
   * @example 'AZ2fP3sOcHeKX5Cme8Y2kA'
   */
  @ApiProperty({ type: String, nullable: true })
  next_cursor!: string | null;

  static of({ rows, nextCursor }: Page<Delivery>): WebhookDeliveryListDto {
    return { data: rows.map((row) => WebhookDeliveryDto.of(row)), next_cursor: nextCursor };
  }
}

/** What came of a test. */
export class WebhookTestDto {
  /**
   * Whether the endpoint took it: with a status from 200 to 299, within ten seconds.
   * @example true
   */
  delivered!: boolean;

  /**
   * The `webhook-id` that it had.
   * @example 'evt_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  id!: string;

  /** How it went. */
  attempt!: WebhookAttemptDto;

  static of({ eventId, at, attempt }: TestResult): WebhookTestDto {
    return {
      delivered: attempt.delivered,
      id: showId('evt', eventId),
      attempt: {
        at: at.toISOString(),
        http_status: attempt.httpStatus,
        error: attempt.error,
        duration_ms: attempt.durationMs,
        answer: attempt.answer,
      },
    };
  }
}
