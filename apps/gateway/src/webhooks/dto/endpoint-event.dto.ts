import { ApiProperty } from '@nestjs/swagger';
import { disabledReasons, type DisabledReason } from '../webhook-endpoint.entity.js';

/** A webhook endpoint that gets nothing any more. */
export class EndpointEventDataDto {
  /**
   * The endpoint.
   * @example 'whe_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  endpoint_id!: string;

  /**
   * Where it was.
   * @example 'https://backend.example/hooks/tyrian'
   */
  url!: string;

  /**
   * `gone`: it answered 410. `failing`: it took nothing for five days.
   * @example 'failing'
   */
  @ApiProperty({ enum: disabledReasons, enumName: 'WebhookDisabledReason' })
  reason!: DisabledReason;

  /**
   * When it was disabled.
   * @example '2026-03-08T09:00:00.000Z'
   */
  @ApiProperty({ format: 'date-time' })
  disabled_at!: string;

  /**
   * The event's position in your feed.
   * @example 10042
   */
  @ApiProperty({ type: 'integer' })
  sequence!: number;
}
