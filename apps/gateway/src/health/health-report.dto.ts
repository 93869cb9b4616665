import { ApiProperty } from '@nestjs/swagger';

/** The state of this process. */
export class HealthReportDto {
  /**
   * Always `ok`: anything else is answered with 503.
   * @example 'ok'
   */
  @ApiProperty({ enum: ['ok'] })
  status!: 'ok';

  /** The state of each part that was looked at, by its name. */
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'object', properties: { status: { type: 'string' } } },
    example: { database: { status: 'up' }, draining: { status: 'up' } },
  })
  checks!: Record<string, { status: string }>;
}
