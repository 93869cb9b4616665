import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, Length } from 'class-validator';
import { showId } from '../../platform/ids/index.js';
import { IsRecipient, showRecipient } from '../../recipients/index.js';
import { ListQueryDto, type Page } from '../../tenants/index.js';
import {
  reasonLength,
  suppressionCategories,
  suppressionSources,
  type Suppression,
  type SuppressionCategory,
  type SuppressionSource,
} from '../suppression.js';

/** A recipient who must not be written to. */
export class SuppressionDto {
  /**
   * The entry's id.
   * @example 'sup_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  id!: string;

  /**
   * The phone number with its country code.
   * @example '+380671234567'
   */
  recipient!: string;

  /**
   * What is stopped: promotional messages only, or all.
   * @example 'all'
   */
  @ApiProperty({ enum: suppressionCategories })
  category!: SuppressionCategory;

  /**
   * Why, in the words of whoever entered it; of a stop word the word itself. null where nothing was given.
   * @example 'Asked by phone'
   */
  @ApiProperty({ type: String, nullable: true })
  reason!: string | null;

  /**
   * How it came here: over the API, from a file, or by a stop word.
   * @example 'api'
   */
  @ApiProperty({ enum: suppressionSources })
  source!: SuppressionSource;

  /**
   * The reply that was a stop word; null for other sources.
   * @example 'inb_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  @ApiProperty({ type: String, nullable: true })
  inbound_message_id!: string | null;

  /**
   * When it was entered.
   * @example '2026-03-01T09:05:01.318Z'
   */
  @ApiProperty({ format: 'date-time' })
  created_at!: string;

  /**
   * When it was widened from `promotional` to `all`; else as `created_at`.
   * @example '2026-03-01T09:05:01.318Z'
   */
  @ApiProperty({ format: 'date-time' })
  updated_at!: string;

  static of(suppression: Suppression): SuppressionDto {
    const { inbound_message_id: inbound } = suppression;
    return {
      id: showId('sup', suppression.id),
      recipient: showRecipient(suppression.recipient),
      category: suppression.category,
      reason: suppression.reason,
      source: suppression.source,
      inbound_message_id: inbound === null ? null : showId('inb', inbound),
      created_at: suppression.created_at.toISOString(),
      updated_at: suppression.updated_at.toISOString(),
    };
  }
}

/** A page of suppressions, newest first. */
export class SuppressionListDto {
  /** The suppressions. */
  data!: SuppressionDto[];

  /**
   * Give it as `cursor` for the next page; null at the end.
   * @example 'AZ2fP3sOcHeKX5Cme8Y2kA'
   */
  @ApiProperty({ type: String, nullable: true })
  next_cursor!: string | null;

  static of(page: Page<Suppression>): SuppressionListDto {
    return {
      data: page.rows.map((row) => SuppressionDto.of(row)),
      next_cursor: page.nextCursor,
    };
  }
}

/** A recipient to enter. */
export class CreateSuppressionDto {
  /**
   * The phone number with its country code, in any form that a message's recipient takes.
   */
  @ApiProperty({
    oneOf: [
      { type: 'string', maxLength: 64 },
      { type: 'integer', format: 'int64' },
    ],
    example: '+380671234567',
  })
  @IsRecipient()
  recipient!: string | number;

  /**
   * What to stop: `promotional` messages only, or `all`. Left out or null: all.
   * @example 'all'
   */
  @ApiPropertyOptional({ enum: suppressionCategories, nullable: true, default: 'all' })
  @IsOptional()
  @IsIn(suppressionCategories)
  category?: SuppressionCategory | null;

  /**
   * Why, in your own words: 1 to 200 characters.
   * @example 'Asked by phone'
   */
  @ApiPropertyOptional({
    type: String,
    nullable: true,
    minLength: reasonLength.min,
    maxLength: reasonLength.max,
  })
  @IsOptional()
  @IsString()
  @Length(reasonLength.min, reasonLength.max)
  reason?: string | null;
}

/** Which suppressions to show. Several filters narrow together. */
export class ListSuppressionsQueryDto extends ListQueryDto {
  /**
   * One recipient, in any form that a message's recipient takes.
   * @example '+380671234567'
   */
  @IsOptional()
  @IsRecipient()
  recipient?: string;

  /**
   * Those that stop this.
   * @example 'promotional'
   */
  @ApiPropertyOptional({ enum: suppressionCategories })
  @IsOptional()
  @IsIn(suppressionCategories)
  category?: SuppressionCategory;

  /**
   * Those that came this way.
   * @example 'stop_word'
   */
  @ApiPropertyOptional({ enum: suppressionSources })
  @IsOptional()
  @IsIn(suppressionSources)
  source?: SuppressionSource;
}
