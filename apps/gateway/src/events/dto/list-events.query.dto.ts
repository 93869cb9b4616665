import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsArray, IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { eventTypes, type EventType } from '../../messages/index.js';
import { QueryInteger, QueryList } from '../../platform/http/index.js';

/** Which events to show. */
export class ListEventsQueryDto {
  /**
   * The `next_cursor` of the answer before: the page begins behind it. Left out or empty, it begins with the oldest event that is
   * kept; `latest` begins behind the newest one.
   * @example 'WzEsNDIsIkFaMmZQM3NPY0hlS1g1Q21lOFkya0EiLCJ4SjNxbUE4WiJd'
   */
  @IsOptional()
  @IsString()
  @MaxLength(200)
  after?: string;

  /**
   * One or several types, as `types=message.delivered,message.failed`; left out, all. A cursor may be used with other types
   * than before.
   * @example ['message.delivered', 'message.failed']
   */
  @ApiPropertyOptional({ enum: eventTypes, isArray: true })
  @IsOptional()
  @QueryList()
  @IsArray()
  @IsIn(eventTypes, { each: true })
  types?: EventType[];

  /**
   * Where there is no event yet: how long to wait for one, in seconds, 0 to 25. The answer comes as soon as there is
   * one, and may come earlier without any.
   * @example 25
   */
  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: 25, default: 0 })
  @IsOptional()
  @QueryInteger()
  @IsInt()
  @Min(0)
  @Max(25)
  wait_seconds: number = 0;

  /**
   * Most events of an answer: 1 to 500.
   * @example 100
   */
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 500, default: 100 })
  @IsOptional()
  @QueryInteger()
  @IsInt()
  @Min(1)
  @Max(500)
  limit: number = 100;
}
