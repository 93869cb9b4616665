import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { buttonCaptionLength, senderLength, smsLength, textLength } from '#viber/content';
import { IsRecipient } from '../../recipients/index.js';
import { validityBounds } from '../validity.js';
import { CodePoints, IsInstant, IsMetadata, IsSmsText, IsWebUrl } from './field-rules.js';

/** The button under a picture. */
export class ButtonDto {
  /**
   * What stands on the button: 1 to 30 characters, counted in code points.
   * @example 'Join us'
   */
  @ApiProperty({ minLength: buttonCaptionLength.min, maxLength: buttonCaptionLength.max })
  @CodePoints(buttonCaptionLength)
  caption!: string;

  /**
   * Where a tap leads: an http or https URL of at most 2,000 characters.
   * @example 'https://shop.example/join-us'
   */
  @ApiProperty({ format: 'uri', maxLength: 2_000 })
  @IsWebUrl()
  url!: string;
}

/** One message to one recipient. A field that is null counts as not given. */
export class CreateMessageDto {
  /**
   * The account to send over. Left out: the only account there is, else the one whose senders hold `sender`.
   * @example 'acc_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  @IsOptional()
  @IsString()
  account_id?: string | null;

  /**
   * The name that the recipient sees: 1 to 20 characters. Left out: the account's `default_sender`.
   * @example 'Custom Co'
   */
  @ApiPropertyOptional({ minLength: senderLength.min, maxLength: senderLength.max })
  @IsOptional()
  @CodePoints(senderLength)
  sender?: string | null;

  /**
   * The phone number with its country code, 7 to 15 digits: `+380…`, `00380…` or `380…`, also with blanks,
   * hyphens, dots or parentheses, or as an integer. Always shown as `+…`.
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
   * The text: 1 to 1,000 characters, counted in code points.
   * @example 'Your code is 4711.'
   */
  @ApiPropertyOptional({ minLength: textLength.min, maxLength: textLength.max })
  @IsOptional()
  @CodePoints(textLength)
  text?: string | null;

  /**
   * A picture to show, jpg or png of at most 400 x 400 pixels: an http or https URL of at most 2,000 characters.
   * Promotional only, together with `text` and `button`.
   * @example 'https://shop.example/images/spring.jpg'
   */
  @ApiPropertyOptional({ format: 'uri', maxLength: 2_000 })
  @IsOptional()
  @IsWebUrl()
  image_url?: string | null;

  /** The button under the picture. Promotional only, together with `text` and `image_url`. */
  @IsOptional()
  @ValidateNested()
  button?: ButtonDto | null;

  /**
   * A file to send: an http or https URL of at most 2,000 characters. Promotional only, with or without `text`.
   * @example 'https://shop.example/catalogue.pdf'
   */
  @ApiPropertyOptional({ format: 'uri', maxLength: 2_000 })
  @IsOptional()
  @IsWebUrl()
  file_url?: string | null;

  /**
   * The text of an SMS that the provider sends where it cannot deliver by Viber: 1 to 160 letters of the GSM alphabet (of
   * which `^{}[]~|\€` count twice), or 1 to 70 UTF-16 units with any other. Transactional only. It cannot be stopped
   * once the message is sent.
   * @example 'Your code is 4711.'
   */
  @ApiPropertyOptional({ minLength: 1, maxLength: smsLength.latin })
  @IsOptional()
  @IsSmsText()
  fallback_sms_text?: string | null;

  /**
   * What the message is; decides the charge. Left out: the account's `default_category`, else an error.
   * @example 'transactional'
   */
  @IsOptional()
  @IsIn(['promotional', 'transactional'])
  category?: 'promotional' | 'transactional' | null;

  /**
   * Urgent messages go before all others of the account. Left out: normal, which goes before promotional ones.
   * @example 'urgent'
   */
  @IsOptional()
  @IsIn(['urgent', 'normal'])
  priority?: 'urgent' | 'normal' | null;

  /**
   * Whether the recipient can reply. Left out: no, or what `provider_message_type` says.
   * @example false
   */
  @IsOptional()
  @IsBoolean()
  two_way?: boolean | null;

  /**
   * For how long the message is worth delivering, in seconds: 40 to 259,200 (three days). Counts from the
   * acceptance, or from `send_at`, and covers waiting here and delivery there.
   * Left out: 3,600 for transactional, 86,400 for promotional messages.
   * @example 3600
   */
  @ApiPropertyOptional({ type: 'integer' })
  @IsOptional()
  @IsInt()
  @Min(validityBounds.min)
  @Max(validityBounds.max)
  validity_seconds?: number | null;

  /**
   * When to send, in ISO 8601 with an offset: at most 30 days ahead. A time up to a minute in the past is now.
   * @example '2026-03-01T09:00:00+02:00'
   */
  @ApiPropertyOptional({ format: 'date-time' })
  @IsOptional()
  @IsInstant()
  send_at?: string | null;

  /**
   * Your own name for the message, 1 to 255 characters. Need not be unique; lists can be filtered by it.
   * @example 'order-10042'
   */
  @ApiPropertyOptional({ minLength: 1, maxLength: 255 })
  @IsOptional()
  @CodePoints({ min: 1, max: 255 })
  client_reference?: string | null;

  /** Your own notes, returned as they are: at most 20 keys of 1 to 40 characters, values of at most 500. */
  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string', maxLength: 500 },
    maxProperties: 20,
    example: { campaign: 'spring' },
  })
  @IsOptional()
  @IsMetadata()
  metadata?: Record<string, string> | null;

  /**
   * Ties messages together, such as those of one mailing: 1 to 64 characters.
   * @example 'spring-mailing'
   */
  @ApiPropertyOptional({ minLength: 1, maxLength: 64 })
  @IsOptional()
  @CodePoints({ min: 1, max: 64 })
  group?: string | null;

  /**
   * What to do when nobody knows whether an attempt was sent. `at_most_once`: never try again, show `uncertain`.
   * `at_least_once`: try again, and mark the message `possible_duplicate`.
   * Left out: the account's default, else the tenant's.
   * @example 'at_most_once'
   */
  @IsOptional()
  @IsIn(['at_most_once', 'at_least_once'])
  delivery_mode?: 'at_most_once' | 'at_least_once' | null;

  /**
   * The provider's message type by its number, for those that do not follow from the content: docs/sending.md
   * has the table.
   * @example 225
   */
  @ApiPropertyOptional({ type: 'integer' })
  @IsOptional()
  @IsInt()
  provider_message_type?: number | null;
}
