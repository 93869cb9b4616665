import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { QueryInteger } from '../../platform/http/index.js';

/** Which part of a list to show. */
export class ListQueryDto {
  /**
   * Rows of a page: 1 to 500.
   * @example 100
   */
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 500, default: 100 })
  @IsOptional()
  @QueryInteger()
  @IsInt()
  @Min(1)
  @Max(500)
  limit: number = 100;

  /**
   * The `next_cursor` of the page before; left out for the first page.
   * @example 'AZ2fP3sOcHeKX5Cme8Y2kA'
   */
  @IsOptional()
  @IsString()
  @MaxLength(200)
  cursor?: string;
}
