import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString } from 'class-validator';
import { IsInstant, IsRecipient } from '../../messages/index.js';
import { ListQueryDto } from '../../tenants/index.js';

/** Which inbound messages to show. Several filters narrow together. */
export class ListInboundMessagesQueryDto extends ListQueryDto {
  /**
   * Who wrote, in any form that a recipient takes.
   * @example '+380671234567'
   */
  @IsOptional()
  @IsRecipient()
  phone_number?: string;

  /**
   * The account that they came over.
   * @example 'acc_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  @IsOptional()
  @IsString()
  account_id?: string;

  /**
   * Received at this time or later: ISO 8601 with an offset.
   * @example '2026-03-01T00:00:00Z'
   */
  @ApiPropertyOptional({ format: 'date-time' })
  @IsOptional()
  @IsInstant()
  received_after?: string;

  /**
   * Received before this time: ISO 8601 with an offset.
   * @example '2026-03-02T00:00:00Z'
   */
  @ApiPropertyOptional({ format: 'date-time' })
  @IsOptional()
  @IsInstant()
  received_before?: string;
}
