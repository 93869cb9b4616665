import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, Length, ValidateIf } from 'class-validator';
import { showId } from '../../platform/ids/index.js';
import {
  deliveryModes,
  type DeliveryMode,
  type Tenant,
  type TenantStatus,
} from '../tenant.entity.js';
import type { Page } from '../page.js';
import { ListQueryDto } from './list-query.dto.js';

const nameLength = { minLength: 1, maxLength: 200 };
const tenantStatuses = ['active', 'suspended'] as const;

/** A new customer of the installation. */
export class CreateTenantDto {
  /**
   * For people: 1 to 200 characters.
   * @example 'Acme Retail'
   */
  @ApiProperty(nameLength)
  @IsString()
  @Length(1, 200)
  name!: string;

  /**
   * Your own id of the customer, 1 to 200 characters, unique among the tenants.
   * @example 'crm-10042'
   */
  @ApiPropertyOptional({ type: String, nullable: true, ...nameLength })
  @IsOptional()
  @IsString()
  @Length(1, 200)
  external_id?: string | null;

  /**
   * What becomes of a message whose attempt may or may not have been sent, where neither the message nor its
   * account says: `at_most_once` never sends it again, `at_least_once` may send it twice.
   * @example 'at_most_once'
   */
  @ApiPropertyOptional({ enum: deliveryModes, enumName: 'DeliveryMode', default: 'at_most_once' })
  @IsOptional()
  @IsIn(deliveryModes)
  default_delivery_mode?: DeliveryMode;
}

/** Fields to change; those left out stay. */
export class UpdateTenantDto {
  /**
   * For people: 1 to 200 characters.
   * @example 'Acme Retail Ltd'
   */
  @ApiPropertyOptional(nameLength)
  @ValidateIf((_, value) => value !== undefined)
  @IsString()
  @Length(1, 200)
  name?: string;

  /**
   * Your own id of the customer, unique among the tenants; null takes it away.
   * @example 'crm-10042'
   */
  @ApiPropertyOptional({ type: String, nullable: true, ...nameLength })
  @IsOptional()
  @IsString()
  @Length(1, 200)
  external_id?: string | null;

  /**
   * The tenant's default for messages whose outcome is unknown.
   * @example 'at_least_once'
   */
  @ApiPropertyOptional({ enum: deliveryModes, enumName: 'DeliveryMode' })
  @ValidateIf((_, value) => value !== undefined)
  @IsIn(deliveryModes)
  default_delivery_mode?: DeliveryMode;
}

/** A customer of the installation. */
export class TenantDto {
  /**
   * Names the tenant in every operator’s call.
   * @example 'ten_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  id!: string;

  /**
   * For people.
   * @example 'Acme Retail'
   */
  name!: string;

  /**
   * Your own id of the customer; null where it has none.
   * @example 'crm-10042'
   */
  @ApiProperty({ type: String, nullable: true })
  external_id!: string | null;

  /**
   * A suspended tenant can read, but neither send nor change anything. What it had queued is held: it is not sent, and
   * may expire, until the tenant is resumed.
   * @example 'active'
   */
  @ApiProperty({ enum: tenantStatuses, enumName: 'TenantStatus' })
  status!: TenantStatus;

  /**
   * What becomes of a message of unknown outcome, where neither it nor its account says.
   * @example 'at_most_once'
   */
  @ApiProperty({ enum: deliveryModes, enumName: 'DeliveryMode' })
  default_delivery_mode!: DeliveryMode;

  /**
   * Since when it is suspended; null while it is active.
   * @example '2026-03-01T09:00:00.000Z'
   */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  suspended_at!: string | null;

  /**
   * When it was made.
   * @example '2026-03-01T09:00:00.000Z'
   */
  @ApiProperty({ format: 'date-time' })
  created_at!: string;

  /**
   * When one of its fields last changed.
   * @example '2026-03-01T09:00:00.000Z'
   */
  @ApiProperty({ format: 'date-time' })
  updated_at!: string;

  static of(tenant: Tenant): TenantDto {
    return {
      id: showId('ten', tenant.id),
      name: tenant.name,
      external_id: tenant.externalId,
      status: tenant.status,
      default_delivery_mode: tenant.defaultDeliveryMode,
      suspended_at: tenant.suspendedAt?.toISOString() ?? null,
      created_at: tenant.createdAt.toISOString(),
      updated_at: tenant.updatedAt.toISOString(),
    };
  }
}

/** A tenant that has just been made, with its first key. */
export class CreatedTenantDto extends TenantDto {
  /**
   * The tenant's first API key, with every scope. Shown this once: only its hash is kept.
   * @example 'tyr_live_4f9Qx2LmZ7aB_…'
   */
  api_key!: string;
}

/** A page of tenants, newest first. */
export class TenantListDto {
  /** The tenants of this page. */
  data!: TenantDto[];

  /**
   * For the next page; null on the last one.
   * @example 'AZ2fP3sOcHeKX5Cme8Y2kA'
   */
  @ApiProperty({ type: String, nullable: true })
  next_cursor!: string | null;

  static of({ rows, nextCursor }: Page<Tenant>): TenantListDto {
    return { data: rows.map((row) => TenantDto.of(row)), next_cursor: nextCursor };
  }
}

/** Which tenants to list. */
export class ListTenantsQueryDto extends ListQueryDto {
  /**
   * Only the tenant with this external id.
   * @example 'crm-10042'
   */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  external_id?: string;

  /**
   * Only tenants in this status.
   * @example 'suspended'
   */
  @ApiPropertyOptional({ enum: tenantStatuses, enumName: 'TenantStatus' })
  @IsOptional()
  @IsIn(tenantStatuses)
  status?: TenantStatus;
}
