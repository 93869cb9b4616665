import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsNumber,
  IsOptional,
  IsPositive,
  IsString,
  IsUrl,
  Matches,
  Max,
  Min,
  ValidateIf,
} from 'class-validator';
import { fates } from '../fates.js';
import type { FaultTarget } from '../faults.js';
import type { HttpStatusMode } from '../wire-modes.js';

const anyUrl = { require_tld: false, require_protocol: true, protocols: ['http', 'https'] };
const orNull = (property: string) =>
  ValidateIf(
    (object: Record<string, unknown>) =>
      object[property] !== null && object[property] !== undefined,
  );

export class ResetDto {
  /** Makes ids, delays and random faults start anew from this seed. */
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  seed?: string;
}

export class FaultDto {
  /** A name of the table of fates. */
  @IsIn(fates.map((fate) => fate.name))
  fault: string;

  /** 0 clears it, 1 meets every request. */
  @IsNumber()
  @Min(0)
  @Max(1)
  rate: number = 1;

  @IsOptional()
  @IsString()
  @IsNotEmpty()
  key?: string;

  @IsIn(['send', 'status', 'both'])
  on: FaultTarget = 'both';

  /** Requests that meet it before it clears itself. */
  @IsOptional()
  @IsInt()
  @IsPositive()
  count?: number;

  @IsOptional()
  @IsIn(['200', 'real'])
  http_status?: HttpStatusMode;
}

export class KeyDto {
  /** Requests per window; null takes the limit away. */
  @orNull('limit')
  @IsInt()
  @IsPositive()
  limit?: number | null;

  @IsOptional()
  @IsNumber()
  @IsPositive()
  window_seconds?: number;

  /** Sends that are still paid for; null takes the limit away. */
  @orNull('balance')
  @IsInt()
  @Min(0)
  balance?: number | null;

  @IsOptional()
  @IsBoolean()
  unauthorised?: boolean;

  /** Where replies go; null: to the message's callback_url. */
  @orNull('inbound_url')
  @IsUrl(anyUrl)
  inbound_url?: string | null;

  @IsOptional()
  @IsBoolean()
  retry_after?: boolean;
}

export class InboundDto {
  @IsString()
  @Matches(/^\d{1,20}$/, { message: 'phone_number must be 1 to 20 digits' })
  phone_number: string;

  @IsString()
  text: string;

  @IsOptional()
  @IsString()
  @IsNotEmpty()
  key?: string;

  /** Left out: the key's inbound_url, else the callback_url of the newest message to this number. */
  @IsOptional()
  @IsUrl(anyUrl)
  url?: string;

  /** Left out: that of the newest message to this number; null: none. */
  @orNull('tracking_data')
  @IsString()
  tracking_data?: string | null;

  @IsOptional()
  @IsIn(['s', 'ms'])
  time_unit?: 's' | 'ms';
}

export class AdvanceDto {
  @IsOptional()
  @IsNumber()
  @Min(0)
  seconds?: number;

  @IsOptional()
  @IsNumber()
  @Min(0)
  milliseconds?: number;
}

export class JournalQueryDto {
  @Type(() => Number)
  @IsInt()
  @Min(0)
  after: number = 0;

  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100_000)
  limit: number = 1_000;

  @IsIn(['ndjson', 'json'])
  format: 'ndjson' | 'json' = 'ndjson';

  @IsOptional()
  @IsIn(['send', 'status', 'callback', 'inbound', 'other', 'reset'])
  kind?: string;

  @IsOptional()
  @IsString()
  key?: string;

  @IsOptional()
  @IsString()
  recipient?: string;

  @IsOptional()
  @IsString()
  message_id?: string;
}

export class MessagesQueryDto {
  /** The id of the last message of the page before. */
  @IsOptional()
  @IsString()
  after?: string;

  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100_000)
  limit: number = 1_000;

  @IsOptional()
  @IsString()
  key?: string;

  @IsOptional()
  @IsString()
  recipient?: string;
}
