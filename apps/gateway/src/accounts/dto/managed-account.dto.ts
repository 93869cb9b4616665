import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsInt,
  IsString,
  Length,
  Max,
  Min,
  ValidateIf,
} from 'class-validator';
import { showId } from '../../platform/ids/index.js';
import type { Page } from '../../tenants/index.js';
import type { AccountView } from '../account-views.js';
import {
  AccountDefaultsDto,
  isGiven,
  mostSenders,
  nameLength,
  senderBounds,
} from './account-settings.dto.js';
import { AccountDto } from './account.dto.js';

const weightBounds = { minimum: 1, maximum: 1_000 };
const senderList = {
  type: 'array',
  items: { type: 'string', ...senderBounds },
  minItems: 1,
  maxItems: mostSenders,
  uniqueItems: true,
} as const;

/** An account as operators see it. */
export class AccountOfTenantDto extends AccountDto {
  /**
   * Whose account it is.
   * @example 'ten_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  tenant_id!: string;

  /**
   * Its part of the connection's rate, held against those of the other accounts that have something to send.
   * @example 1
   */
  @ApiProperty({ type: 'integer' })
  weight!: number;

  static override of(view: AccountView): AccountOfTenantDto {
    return {
      ...AccountDto.of(view),
      tenant_id: showId('ten', view.tenantId),
      weight: view.weight,
    };
  }
}

/** A page of accounts, newest first. */
export class AccountOfTenantListDto {
  /** The accounts of this page. */
  data!: AccountOfTenantDto[];

  /**
   * For the next page; null on the last one.
   * @example 'AZ2fP3sOcHeKX5Cme8Y2kA'
   */
  @ApiProperty({ type: String, nullable: true })
  next_cursor!: string | null;

  static of({ rows, nextCursor }: Page<AccountView>): AccountOfTenantListDto {
    return { data: rows.map((row) => AccountOfTenantDto.of(row)), next_cursor: nextCursor };
  }
}

/** A new account of a tenant, on a connection of the operator's. */
export class CreateManagedAccountDto extends AccountDefaultsDto {
  /**
   * The operator's connection to send over.
   * @example 'con_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  @IsString()
  connection_id!: string;

  /**
   * For people: 1 to 200 characters.
   * @example 'Acme Retail'
   */
  @ApiProperty(nameLength)
  @IsString()
  @Length(1, 200)
  name!: string;

  /**
   * The sender names that messages may use, and no others: 1 to 100, each of 1 to 20 characters.
   * @example ['Acme']
   */
  @ApiProperty(senderList)
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(mostSenders)
  @ArrayUnique()
  @IsString({ each: true })
  @Length(senderBounds.minLength, senderBounds.maxLength, { each: true })
  senders!: string[];

  /**
   * Its part of the connection's rate, held against those of the other accounts that have something to send: 1 to 1,000.
   * @example 1
   */
  @ApiPropertyOptional({ type: 'integer', default: 1, ...weightBounds })
  @ValidateIf(isGiven)
  @IsInt()
  @Min(weightBounds.minimum)
  @Max(weightBounds.maximum)
  weight?: number;
}

/** Fields to change; those left out stay. */
export class UpdateManagedAccountDto extends AccountDefaultsDto {
  /**
   * For people: 1 to 200 characters.
   * @example 'Acme Retail'
   */
  @ApiPropertyOptional(nameLength)
  @ValidateIf(isGiven)
  @IsString()
  @Length(1, 200)
  name?: string;

  /**
   * The sender names that messages may use, and no others: 1 to 100, each of 1 to 20 characters.
   * @example ['Acme', 'Acme Shop']
   */
  @ApiPropertyOptional(senderList)
  @ValidateIf(isGiven)
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(mostSenders)
  @ArrayUnique()
  @IsString({ each: true })
  @Length(senderBounds.minLength, senderBounds.maxLength, { each: true })
  senders?: string[];

  /**
   * Its part of the connection's rate, held against those of the other accounts that have something to send: 1 to 1,000.
   * Felt within a second.
   * @example 2
   */
  @ApiPropertyOptional({ type: 'integer', ...weightBounds })
  @ValidateIf(isGiven)
  @IsInt()
  @Min(weightBounds.minimum)
  @Max(weightBounds.maximum)
  weight?: number;
}
