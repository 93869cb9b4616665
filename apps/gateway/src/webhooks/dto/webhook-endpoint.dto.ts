import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Max,
  MaxLength,
  Min,
  ValidateIf,
} from 'class-validator';
import { eventTypes, type EventType } from '../../messages/index.js';
import { showId } from '../../platform/ids/index.js';
import type { Page } from '../../tenants/index.js';
import { defaultEvents } from '../default-events.js';
import type { EndpointView, ShownSecret } from '../endpoint-view.js';
import {
  disabledReasons,
  endpointStatuses,
  type DisabledReason,
  type EndpointStatus,
} from '../webhook-endpoint.entity.js';

const day = 86_400;
const isGiven = (_: unknown, value: unknown) => value !== undefined;

/** What may be set when an endpoint is made, and changed later. */
export class WebhookEndpointOptionsDto {
  /**
   * What is delivered. Left out or null: the ends of messages, `message.uncertain`, `message.corrected`,
   * `inbound.received`, `account.*` and `endpoint.disabled`; those that a later release adds to them, too.
   * @example ['message.delivered', 'message.undelivered']
   */
  @ApiPropertyOptional({
    enum: eventTypes,
    enumName: 'EventType',
    isArray: true,
    nullable: true,
    minItems: 1,
    uniqueItems: true,
  })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique()
  @IsIn(eventTypes, { each: true })
  events?: EventType[] | null;

  /**
   * Only what concerns these accounts, at most 100. Left out or null: all of the tenant's, later ones too, and what
   * concerns none; for a key that is restricted to accounts, the key's.
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
   * For people: 1 to 200 characters.
   * @example 'Order service'
   */
  @ApiPropertyOptional({ type: String, nullable: true, minLength: 1, maxLength: 200 })
  @IsOptional()
  @IsString()
  @Length(1, 200)
  description?: string | null;
}

/** A new endpoint. */
export class CreateWebhookEndpointDto extends WebhookEndpointOptionsDto {
  /**
   * Where to deliver: https on port 443 or 8443 at a public address, without a user and a fragment, at most 2,048
   * characters. The operator may allow others.
   * @example 'https://backend.example/hooks/tyrian'
   */
  @ApiProperty({ format: 'uri', maxLength: 2_048 })
  @IsString()
  @MaxLength(8_192)
  url!: string;
}

/** Fields to change; those left out stay. */
export class UpdateWebhookEndpointDto extends WebhookEndpointOptionsDto {
  /**
   * Where to deliver from now on, what waits included: as when the endpoint is made.
   * @example 'https://backend.example/hooks/tyrian'
   */
  @ApiPropertyOptional({ format: 'uri', maxLength: 2_048 })
  @ValidateIf(isGiven)
  @IsString()
  @MaxLength(8_192)
  url?: string;

  /**
   * `disabled` stops deliveries: what happens meanwhile is not kept for the endpoint, but can be replayed. `enabled` lets
   * what waits go on.
   * @example 'enabled'
   */
  @ApiPropertyOptional({ enum: endpointStatuses, enumName: 'WebhookEndpointStatus' })
  @ValidateIf(isGiven)
  @IsIn(endpointStatuses)
  status?: EndpointStatus;
}

/** How to replace the signing secret. */
export class RotateSecretDto {
  /**
   * How long the secrets before it sign beside the new one, in seconds: 0 to 604,800 (7 days).
   * @example 86400
   */
  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: 7 * day, default: day })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(7 * day)
  overlap_seconds?: number;
}

/** Where events are delivered. */
export class WebhookEndpointDto {
  /**
   * Names the endpoint.
   * @example 'whe_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  id!: string;

  /**
   * Where it is.
   * @example 'https://backend.example/hooks/tyrian'
   */
  url!: string;

  /**
   * What is delivered.
   * @example ['message.delivered', 'message.undelivered']
   */
  @ApiProperty({ enum: eventTypes, enumName: 'EventType', isArray: true })
  events!: EventType[];

  /**
   * The accounts that it hears of; null for all, and for what concerns none.
   * @example ['acc_01jf8z5v3we2r9n6k4q7t0xyzb']
   */
  @ApiProperty({ type: [String], nullable: true })
  account_ids!: string[] | null;

  /**
   * For people.
   * @example 'Order service'
   */
  @ApiProperty({ type: String, nullable: true })
  description!: string | null;

  /**
   * Whether anything is delivered to it.
   * @example 'enabled'
   */
  @ApiProperty({ enum: endpointStatuses, enumName: 'WebhookEndpointStatus' })
  status!: EndpointStatus;

  /**
   * `gone`: it answered 410. `failing`: it took nothing for five days. `by_tenant`: it was disabled over the API. null
   * while it is enabled.
   * @example 'gone'
   */
  @ApiProperty({ enum: disabledReasons, enumName: 'WebhookDisabledReason', nullable: true })
  disabled_reason!: DisabledReason | null;

  /**
   * When it was disabled; null while it is enabled.
   * @example '2026-03-08T09:00:00.000Z'
   */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  disabled_at!: string | null;

  /**
   * Since when it has taken nothing; null where its last delivery went well. After five days it is disabled.
   * @example '2026-03-03T09:00:00.000Z'
   */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  failing_since!: string | null;

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

  static of(endpoint: EndpointView): WebhookEndpointDto {
    return {
      id: showId('whe', endpoint.id),
      url: endpoint.url,
      events: [...((endpoint.events ?? defaultEvents) as EventType[])],
      account_ids: endpoint.accountIds?.map((id) => showId('acc', id)) ?? null,
      description: endpoint.description,
      status: endpoint.status,
      disabled_reason: endpoint.disabledReason,
      disabled_at: endpoint.disabledAt?.toISOString() ?? null,
      failing_since: endpoint.failingSince?.toISOString() ?? null,
      created_at: endpoint.createdAt.toISOString(),
      updated_at: endpoint.updatedAt.toISOString(),
    };
  }
}

/** An endpoint that has just been made. */
export class CreatedWebhookEndpointDto extends WebhookEndpointDto {
  /**
   * What signs its deliveries, as Standard Webhooks has it: `whsec_` and base64. Shown this once.
   * @example 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo='
   */
  secret!: string;

  static shown({
    endpoint,
    secret,
  }: {
    readonly endpoint: EndpointView;
    readonly secret: string;
  }): CreatedWebhookEndpointDto {
    return { ...WebhookEndpointDto.of(endpoint), secret };
  }
}

/** A page of endpoints, newest first. */
export class WebhookEndpointListDto {
  /** The endpoints of this page. */
  data!: WebhookEndpointDto[];

  /**
   * For the next page; null on the last one.
   * @example 'AZ2fP3sOcHeKX5Cme8Y2kA'
   */
  @ApiProperty({ type: String, nullable: true })
  next_cursor!: string | null;

  static of({ rows, nextCursor }: Page<EndpointView>): WebhookEndpointListDto {
    return { data: rows.map((row) => WebhookEndpointDto.of(row)), next_cursor: nextCursor };
  }
}

/** Another signing secret. */
export class RotatedSecretDto {
  /**
   * The secret that signs from now on. Shown this once.
   * @example 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo='
   */
  secret!: string;

  /**
   * Until when the secrets before it sign as well; null where there is none.
   * @example '2026-03-02T09:00:00.000Z'
   */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  previous_secret_expires_at!: string | null;

  static of({ secret, previousExpiresAt }: ShownSecret): RotatedSecretDto {
    return { secret, previous_secret_expires_at: previousExpiresAt?.toISOString() ?? null };
  }
}
