import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsString,
  Length,
  Max,
  Min,
} from 'class-validator';
import { showId } from '../../platform/ids/index.js';
import type { ApiKey } from '../api-key.entity.js';
import type { ShownApiKey } from '../api-keys.service.js';
import type { Page } from '../page.js';
import { grantableScopes, type GrantedScope } from '../scopes.js';

const day = 86_400;

/** A new API key. It can have no more than the key that makes it: neither scopes, nor accounts, nor time. */
export class CreateApiKeyDto {
  /**
   * For people, to tell keys apart: 1 to 200 characters.
   * @example 'Billing service'
   */
  @ApiProperty({ minLength: 1, maxLength: 200 })
  @IsString()
  @Length(1, 200)
  name!: string;

  /**
   * What the key may do; `*` is everything, what later releases add too.
   * @example ['messages:send', 'messages:read']
   */
  @ApiProperty({
    enum: grantableScopes,
    enumName: 'Scope',
    isArray: true,
    minItems: 1,
    uniqueItems: true,
  })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique()
  @IsIn(grantableScopes, { each: true })
  scopes!: GrantedScope[];

  /**
   * Restricts the key to these accounts, at most 100. Left out: all of the tenant's, later ones too; for a maker
   * that is restricted itself, the maker's.
   * @example ['acc_01jf8z5v3we2r9n6k4q7t0xyzb']
   */
  @ApiPropertyOptional({ type: [String], nullable: true, minItems: 1, maxItems: 100 })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @ArrayUnique()
  @IsString({ each: true })
  account_ids?: string[] | null;

  /**
   * When the key ends, ISO 8601 with an offset, in the future. Left out: never; for a maker that ends itself, with
   * the maker.
   * @example '2027-01-01T00:00:00Z'
   */
  @ApiPropertyOptional({ type: String, format: 'date-time', nullable: true })
  @IsOptional()
  @IsISO8601({ strict: true, strictSeparator: true })
  expires_at?: string | null;
}

/** How to replace a key. */
export class RotateApiKeyDto {
  /**
   * How long the old key goes on working beside the new one, in seconds: 0 to 2,592,000 (30 days).
   * @example 86400
   */
  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: 30 * day, default: day })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(30 * day)
  overlap_seconds?: number;

  /**
   * When the new key ends, ISO 8601 with an offset; null for never. Left out: when the old one would have.
   * @example '2027-06-01T00:00:00Z'
   */
  @ApiPropertyOptional({ type: String, format: 'date-time', nullable: true })
  @IsOptional()
  @IsISO8601({ strict: true, strictSeparator: true })
  expires_at?: string | null;
}

/** An API key, without the key itself. */
export class ApiKeyDto {
  /**
   * Names the key, which is no secret.
   * @example 'key_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  id!: string;

  /**
   * For people.
   * @example 'Billing service'
   */
  name!: string;

  /**
   * The public part of the key, `tyr_live_<prefix>_…`.
   * @example '4f9Qx2LmZ7aB'
   */
  prefix!: string;

  /**
   * What the key may do; `*` is everything.
   * @example ['messages:send', 'messages:read']
   */
  @ApiProperty({ enum: grantableScopes, enumName: 'Scope', isArray: true })
  scopes!: GrantedScope[];

  /**
   * The accounts that the key is restricted to; null for all.
   * @example ['acc_01jf8z5v3we2r9n6k4q7t0xyzb']
   */
  @ApiProperty({ type: [String], nullable: true })
  account_ids!: string[] | null;

  /**
   * When the key ends or ended; null for never.
   * @example '2027-01-01T00:00:00.000Z'
   */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  expires_at!: string | null;

  /**
   * When the key was revoked; null where it was not.
   * @example '2026-03-02T09:00:00.000Z'
   */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  revoked_at!: string | null;

  /**
   * The key that replaced this one in a rotation; null where none did.
   * @example 'key_01jf8z5v3we2r9n6k4q7t0xyzc'
   */
  @ApiProperty({ type: String, nullable: true })
  replaced_by!: string | null;

  /**
   * Last use, to the minute; null for never.
   * @example '2026-03-01T09:12:00.000Z'
   */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  last_used_at!: string | null;

  /**
   * When it was made.
   * @example '2026-03-01T09:00:00.000Z'
   */
  @ApiProperty({ format: 'date-time' })
  created_at!: string;

  static of(key: ApiKey): ApiKeyDto {
    return {
      id: showId('key', key.id),
      name: key.name,
      prefix: key.prefix,
      scopes: key.scopes as GrantedScope[],
      account_ids: key.accountIds?.map((id) => showId('acc', id)) ?? null,
      expires_at: key.expiresAt?.toISOString() ?? null,
      revoked_at: key.revokedAt?.toISOString() ?? null,
      replaced_by: key.replacedBy === null ? null : showId('key', key.replacedBy),
      last_used_at: key.lastUsedAt?.toISOString() ?? null,
      created_at: key.createdAt.toISOString(),
    };
  }
}

/** A key that has just been made. */
export class CreatedApiKeyDto extends ApiKeyDto {
  /**
   * The key itself. Shown this once: only its hash is kept.
   * @example 'tyr_live_4f9Qx2LmZ7aB_…'
   */
  api_key!: string;

  static shown({ apiKey, secret }: ShownApiKey): CreatedApiKeyDto {
    return { ...ApiKeyDto.of(apiKey), api_key: secret };
  }
}

/** A page of API keys, newest first. */
export class ApiKeyListDto {
  /** The keys of this page. */
  data!: ApiKeyDto[];

  /**
   * For the next page; null on the last one.
   * @example 'AZ2fP3sOcHeKX5Cme8Y2kA'
   */
  @ApiProperty({ type: String, nullable: true })
  next_cursor!: string | null;

  static of({ rows, nextCursor }: Page<ApiKey>): ApiKeyListDto {
    return { data: rows.map((row) => ApiKeyDto.of(row)), next_cursor: nextCursor };
  }
}
