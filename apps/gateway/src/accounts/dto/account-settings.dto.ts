import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsNumber,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  Min,
  ValidateIf,
} from 'class-validator';
import { senderLength } from '#viber/content';
import { deliveryModes, type DeliveryMode } from '../../tenants/index.js';
import {
  categories,
  whenPausedChoices,
  type Category,
  type WhenPaused,
} from '../account.entity.js';

export const nameLength = { minLength: 1, maxLength: 200 };
export const senderBounds = { minLength: senderLength.min, maxLength: senderLength.max };
export const mostSenders = 100;
export const rateBounds = { minimum: 0.1, maximum: 20_000 };
/** What an Authorization header can carry. */
export const providerKeyForm = /^[\x21-\x7e]{1,512}$/;
export const providerKeyMessage = '$property must be 1 to 512 visible ASCII characters.';
export const isGiven = (_: unknown, value: unknown) => value !== undefined;

/** What an account says of its messages. */
export class AccountDefaultsDto {
  /**
   * The sender of messages that name none: 1 to 20 characters, one of `senders` where those are given.
   * @example 'Custom Co'
   */
  @ApiPropertyOptional({ type: String, nullable: true, ...senderBounds })
  @IsOptional()
  @IsString()
  @Length(senderLength.min, senderLength.max)
  default_sender?: string | null;

  /**
   * The category of messages that name none; it decides the charge. Without one every message must name its own.
   * @example 'transactional'
   */
  @ApiPropertyOptional({ enum: categories, enumName: 'Category', nullable: true })
  @IsOptional()
  @IsIn(categories)
  default_category?: Category | null;

  /**
   * What becomes of a message whose attempt may or may not have been sent, where the message does not say. Left
   * out or null: the tenant's default.
   * @example 'at_most_once'
   */
  @ApiPropertyOptional({ enum: deliveryModes, enumName: 'DeliveryMode', nullable: true })
  @IsOptional()
  @IsIn(deliveryModes)
  default_delivery_mode?: DeliveryMode | null;

  /**
   * What becomes of new messages while the account is paused, by people or by what the provider said: `hold` accepts
   * and keeps them, `reject` answers 409 `account_paused` with the reason, so that you can take another way at once. Every
   * replica follows a pause within two seconds; what was accepted before stays. Left out: `hold`.
   * @example 'reject'
   */
  @ApiPropertyOptional({ enum: whenPausedChoices, enumName: 'WhenPaused', default: 'hold' })
  @ValidateIf(isGiven)
  @IsIn(whenPausedChoices)
  when_paused?: WhenPaused;
}

/** What may be set when a tenant makes an account, and changed later. */
export class AccountOptionsDto extends AccountDefaultsDto {
  /**
   * The sender names that messages may use: at most 100, each of 1 to 20 characters. Left out or empty: any.
   * @example ['Custom Co', 'Custom Shop']
   */
  @ApiPropertyOptional({
    type: 'array',
    items: { type: 'string', ...senderBounds },
    maxItems: mostSenders,
    uniqueItems: true,
  })
  @ValidateIf(isGiven)
  @IsArray()
  @ArrayMaxSize(mostSenders)
  @ArrayUnique()
  @IsString({ each: true })
  @Length(senderLength.min, senderLength.max, { each: true })
  senders?: string[];

  /**
   * The most calls a second over the account's connection, sends and status polls together: 0.1 to 20,000. Left
   * out or null: as many as the provider lets through.
   * @example 50
   */
  @ApiPropertyOptional({ type: Number, nullable: true, ...rateBounds })
  @IsOptional()
  @IsNumber()
  @Min(rateBounds.minimum)
  @Max(rateBounds.maximum)
  max_per_second?: number | null;
}

/** A new account, on a connection of its own. */
export class CreateAccountDto extends AccountOptionsDto {
  /**
   * For people: 1 to 200 characters.
   * @example 'Main'
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
}

/** Fields to change; those left out stay. */
export class UpdateAccountDto extends AccountOptionsDto {
  /**
   * For people: 1 to 200 characters.
   * @example 'Shop'
   */
  @ApiPropertyOptional(nameLength)
  @ValidateIf(isGiven)
  @IsString()
  @Length(1, 200)
  name?: string;
}

/** Another key of the provider. */
export class RotateProviderKeyDto {
  /**
   * The key that the provider gave you: 1 to 512 visible ASCII characters. Kept encrypted, never shown again.
   * @example 'f6e5d4c3b2a1'
   */
  @ApiProperty({ minLength: 1, maxLength: 512, format: 'password' })
  @IsString()
  @Matches(providerKeyForm, { message: providerKeyMessage })
  provider_key!: string;
}

/** Why sending is held. */
export class PauseDto {
  /**
   * For people: 1 to 200 characters.
   * @example 'Campaign under review'
   */
  @ApiPropertyOptional({ type: String, nullable: true, minLength: 1, maxLength: 200 })
  @IsOptional()
  @IsString()
  @Length(1, 200)
  reason?: string | null;
}

/** How to delete an account. */
export class DeleteAccountQueryDto {
  /**
   * `true` expires what is queued and scheduled. Without it an account with open work is not deleted.
   * @example 'true'
   */
  @ApiPropertyOptional({ enum: ['true', 'false'], default: 'false' })
  @IsOptional()
  @IsIn(['true', 'false'])
  force?: 'true' | 'false';
}
