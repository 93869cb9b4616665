import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsArray, IsIn, IsOptional, IsString, Matches } from 'class-validator';
import { QueryList } from '../../platform/http/index.js';
import { ListQueryDto } from '../../tenants/index.js';
import { IsRecipient } from '../../recipients/index.js';
import { messageStatuses, type MessageStatus } from '../transitions.js';
import { IsInstant } from './field-rules.js';

/** Which messages to show. Several filters narrow together. */
export class ListMessagesQueryDto extends ListQueryDto {
  /**
   * One or several statuses, as `status=queued&status=sending` or `status=queued,sending`.
   * @example ['queued', 'sending']
   */
  @ApiPropertyOptional({ enum: messageStatuses, isArray: true })
  @IsOptional()
  @QueryList()
  @IsArray()
  @IsIn(messageStatuses, { each: true })
  status?: MessageStatus[];

  /**
   * The recipient's number, in any form that a message takes.
   * @example '+380671234567'
   */
  @IsOptional()
  @IsRecipient()
  recipient?: string;

  /**
   * The account that the messages go over.
   * @example 'acc_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  @IsOptional()
  @IsString()
  account_id?: string;

  /**
   * The sender, exactly.
   * @example 'Custom Co'
   */
  @IsOptional()
  @Matches(/^[^\0]{1,20}$/u)
  sender?: string;

  /**
   * What the messages are.
   * @example 'transactional'
   */
  @IsOptional()
  @IsIn(['promotional', 'transactional'])
  category?: 'promotional' | 'transactional';

  /**
   * Your own name for the messages, exactly.
   * @example 'order-10042'
   */
  @IsOptional()
  @Matches(/^[^\0]{1,255}$/u)
  client_reference?: string;

  /**
   * The provider's id, exactly.
   * @example '429'
   */
  @IsOptional()
  @Matches(/^[^\0]{1,255}$/u)
  provider_message_id?: string;

  /**
   * Accepted at this time or later: ISO 8601 with an offset.
   * @example '2026-03-01T00:00:00Z'
   */
  @ApiPropertyOptional({ format: 'date-time' })
  @IsOptional()
  @IsInstant()
  created_after?: string;

  /**
   * Accepted before this time: ISO 8601 with an offset.
   * @example '2026-03-02T00:00:00Z'
   */
  @ApiPropertyOptional({ format: 'date-time' })
  @IsOptional()
  @IsInstant()
  created_before?: string;
}
