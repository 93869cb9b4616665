import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  IsBoolean,
  IsNumber,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  Min,
  ValidateIf,
} from 'class-validator';
import { QueryBoolean } from '../../platform/http/index.js';
import { showId } from '../../platform/ids/index.js';
import { ListQueryDto, type Page } from '../../tenants/index.js';
import type { ConnectionView } from '../connections.service.js';
import { keyVerdicts, type KeyVerdict } from '../connection.entity.js';
import {
  isGiven,
  nameLength,
  providerKeyForm,
  providerKeyMessage,
  rateBounds,
} from './account-settings.dto.js';
import { AccountPauseDto } from './account.dto.js';

/** A provider credential, without the key. */
export class ConnectionDto {
  /**
   * Names the connection.
   * @example 'con_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  id!: string;

  /**
   * null where the operator owns it.
   * @example 'ten_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  @ApiProperty({ type: String, nullable: true })
  tenant_id!: string | null;

  /**
   * For people.
   * @example 'Main'
   */
  name!: string;

  /**
   * What the check of the provider key showed.
   * @example 'plausible'
   */
  @ApiProperty({ enum: keyVerdicts, enumName: 'KeyVerdict' })
  key_verdict!: KeyVerdict;

  /**
   * When the provider key was checked; null before.
   * @example '2026-03-01T09:00:01.000Z'
   */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  key_checked_at!: string | null;

  /**
   * How many accounts send over it, deleted ones left out.
   * @example 10
   */
  @ApiProperty({ type: 'integer' })
  accounts!: number;

  /**
   * The URL for recipients' replies to whatever goes over the connection: hand it to the provider, and to nobody else.
   * null where the gateway takes no callbacks.
   * @example 'https://gateway.example/callbacks/viber/i/AZ2fP3sOcHeKX5Cme8Y2kA.1.mpF2bZ0pQkq1m3nX5r7t9w'
   */
  @ApiProperty({ type: String, nullable: true })
  inbound_url!: string | null;

  /** The provider's pause; null while there is none. */
  @ApiProperty({ type: AccountPauseDto, nullable: true })
  pause!: AccountPauseDto | null;

  /**
   * Calls a second that the key allows at present.
   * @example 20
   */
  rate_per_second!: number;

  /**
   * The rate at which the provider last said 429; null while it never did.
   * @example 20
   */
  @ApiProperty({ type: Number, nullable: true })
  learned_limit!: number | null;

  /**
   * The cap on calls a second; null for none.
   * @example 50
   */
  @ApiProperty({ type: Number, nullable: true })
  max_per_second!: number | null;

  /**
   * When it was made.
   * @example '2026-03-01T09:00:00.000Z'
   */
  @ApiProperty({ format: 'date-time' })
  created_at!: string;

  /**
   * When its key or one of its fields last changed.
   * @example '2026-03-01T09:00:00.000Z'
   */
  @ApiProperty({ format: 'date-time' })
  updated_at!: string;

  static of(view: ConnectionView): ConnectionDto {
    const { pausedAt: since, pauseReason: reason } = view;
    return {
      id: showId('con', view.id),
      tenant_id: view.tenantId === null ? null : showId('ten', view.tenantId),
      name: view.name,
      key_verdict: view.keyVerdict,
      key_checked_at: view.keyCheckedAt?.toISOString() ?? null,
      accounts: view.accounts,
      inbound_url: view.inboundUrl,
      pause: since === null ? null : AccountPauseDto.of({ by: 'provider', reason, since }),
      rate_per_second: view.rate,
      learned_limit: view.learnedLimit,
      max_per_second: view.maxPerSecond,
      created_at: view.createdAt.toISOString(),
      updated_at: view.updatedAt.toISOString(),
    };
  }
}

/** A page of connections, newest first. */
export class ConnectionListDto {
  /** The connections of this page. */
  data!: ConnectionDto[];

  /**
   * For the next page; null on the last one.
   * @example 'AZ2fP3sOcHeKX5Cme8Y2kA'
   */
  @ApiProperty({ type: String, nullable: true })
  next_cursor!: string | null;

  static of({ rows, nextCursor }: Page<ConnectionView>): ConnectionListDto {
    return { data: rows.map((row) => ConnectionDto.of(row)), next_cursor: nextCursor };
  }
}

/** Which connections to list. */
export class ListConnectionsQueryDto extends ListQueryDto {
  /**
   * Only those of this tenant.
   * @example 'ten_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  @IsOptional()
  @IsString()
  tenant_id?: string;

  /**
   * `true` leaves only the operator's, `false` only those of tenants.
   * @example 'true'
   */
  @ApiPropertyOptional({ type: Boolean })
  @IsOptional()
  @QueryBoolean()
  @IsBoolean()
  shared?: boolean;
}

/** A connection of the operator's, for accounts of several tenants. */
export class CreateConnectionDto {
  /**
   * For people: 1 to 200 characters.
   * @example 'Main contract'
   */
  @ApiProperty(nameLength)
  @IsString()
  @Length(1, 200)
  name!: string;

  /**
   * The key that the provider gave you: 1 to 512 visible ASCII characters. Kept encrypted, never shown again.
   * @example 'a1b2c3d4e5f6'
   */
  @ApiProperty({ minLength: 1, maxLength: 512, format: 'password' })
  @IsString()
  @Matches(providerKeyForm, { message: providerKeyMessage })
  provider_key!: string;

  /**
   * The most calls a second over the connection, all accounts, sends and status polls together: 0.1 to 20,000. Left
   * out or null: as many as the provider lets through.
   * @example 20
   */
  @ApiPropertyOptional({ type: Number, nullable: true, ...rateBounds })
  @IsOptional()
  @IsNumber()
  @Min(rateBounds.minimum)
  @Max(rateBounds.maximum)
  max_per_second?: number | null;
}

/** Fields to change; those left out stay. */
export class UpdateConnectionDto {
  /**
   * For people: 1 to 200 characters.
   * @example 'Main contract'
   */
  @ApiPropertyOptional(nameLength)
  @ValidateIf(isGiven)
  @IsString()
  @Length(1, 200)
  name?: string;

  /**
   * The most calls a second over the connection, all accounts, sends and status polls together: 0.1 to 20,000; null for
   * as many as the provider lets through.
   * @example 20
   */
  @ApiPropertyOptional({ type: Number, nullable: true, ...rateBounds })
  @IsOptional()
  @IsNumber()
  @Min(rateBounds.minimum)
  @Max(rateBounds.maximum)
  max_per_second?: number | null;
}
