import { ApiProperty } from '@nestjs/swagger';
import { messageStatuses, type MessageStatus } from '../transitions.js';
import { ButtonDto } from './create-message.dto.js';

/** What is behind a status. */
export class StatusDetailDto {
  /**
   * Stable code of the reason, from the table in docs/statuses.md; null where the status says it all.
   * @example 'refused'
   */
  @ApiProperty({ type: String, nullable: true })
  code!: string | null;

  /**
   * The provider's own status as it came, unknown ones too; null where it said none.
   * @example '4'
   */
  @ApiProperty({ type: String, nullable: true })
  provider_status!: string | null;

  /**
   * For people; may change.
   * @example 'The provider refused the parameter source_addr.'
   */
  @ApiProperty({ type: String, nullable: true })
  message!: string | null;
}

/** A message, whole: what was asked for, and what became of it. Fields without a value are null. */
export class MessageDto {
  /**
   * The message's id; ids grow with the time of acceptance.
   * @example 'msg_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  id!: string;

  /**
   * The account it goes over.
   * @example 'acc_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  account_id!: string;

  /**
   * Where the message stands. `uncertain`: it may or may not have been sent, and only evidence can tell.
   * `unresolved`: the provider told no final status within five days. New statuses may appear.
   * @example 'delivered'
   */
  @ApiProperty({ enum: messageStatuses, enumName: 'MessageStatus' })
  status!: MessageStatus;

  /**
   * Whether the status stays. Evidence may still correct `uncertain` and `unresolved`, and `delivered` by any attempt
   * wins over every other.
   * @example true
   */
  is_final!: boolean;

  /**
   * The recipient's number with its country code.
   * @example '+380671234567'
   */
  recipient!: string;

  /**
   * The name that the recipient sees.
   * @example 'Custom Co'
   */
  sender!: string;

  /**
   * The text, as it was given; null for a file without one.
   * @example 'Your code is 4711.'
   */
  @ApiProperty({ type: String, nullable: true })
  text!: string | null;

  /**
   * The picture to show, as it was given.
   * @example 'https://shop.example/images/spring.jpg'
   */
  @ApiProperty({ type: String, nullable: true })
  image_url!: string | null;

  /** The button under the picture. */
  @ApiProperty({ type: ButtonDto, nullable: true })
  button!: ButtonDto | null;

  /**
   * The file to send, as it was given.
   * @example 'https://shop.example/catalogue.pdf'
   */
  @ApiProperty({ type: String, nullable: true })
  file_url!: string | null;

  /**
   * The text of the SMS that the provider sends where it cannot deliver by Viber.
   * @example 'Your code is 4711.'
   */
  @ApiProperty({ type: String, nullable: true })
  fallback_sms_text!: string | null;

  /**
   * What the message is; decides the charge.
   * @example 'transactional'
   */
  @ApiProperty({ enum: ['promotional', 'transactional'] })
  category!: 'promotional' | 'transactional';

  /**
   * Urgent messages go before all others of the account.
   * @example 'normal'
   */
  @ApiProperty({ enum: ['urgent', 'normal'] })
  priority!: 'urgent' | 'normal';

  /**
   * Whether the recipient can reply.
   * @example false
   */
  two_way!: boolean;

  /**
   * The provider's message type that followed from the content.
   * @example 106
   */
  @ApiProperty({ type: 'integer' })
  provider_message_type!: number;

  /**
   * What happens when nobody knows whether an attempt was sent.
   * @example 'at_most_once'
   */
  @ApiProperty({ enum: ['at_most_once', 'at_least_once'] })
  delivery_mode!: 'at_most_once' | 'at_least_once';

  /**
   * Whether the recipient may have got it more than once, as it was sent again after an unknown outcome.
   * @example false
   */
  possible_duplicate!: boolean;

  /**
   * How many times the provider was called to send it, a call under way included.
   * @example 1
   */
  @ApiProperty({ type: 'integer' })
  attempts!: number;

  /**
   * For how long it is worth delivering, in seconds.
   * @example 3600
   */
  @ApiProperty({ type: 'integer' })
  validity_seconds!: number;

  /**
   * When it was stored.
   * @example '2026-03-01T09:00:00.000Z'
   */
  @ApiProperty({ format: 'date-time' })
  accepted_at!: string;

  /**
   * When it should be sent; null for at once.
   * @example '2026-03-01T10:00:00.000Z'
   */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  send_at!: string | null;

  /**
   * When its validity ends: `validity_seconds` after `accepted_at`, or after `send_at` where there is one.
   * @example '2026-03-01T11:00:00.000Z'
   */
  @ApiProperty({ format: 'date-time' })
  expires_at!: string;

  /**
   * When the provider took it, as far as is known.
   * @example '2026-03-01T10:00:00.182Z'
   */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  sent_at!: string | null;

  /**
   * When we learned the final status; the provider tells no times.
   * @example '2026-03-01T10:00:01.204Z'
   */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  final_at!: string | null;

  /**
   * What it was delivered by; null while it is not delivered.
   * @example 'viber'
   */
  @ApiProperty({ type: String, nullable: true, enum: ['viber', 'sms'] })
  delivered_via!: 'viber' | 'sms' | null;

  /**
   * What became of the SMS in its place: `pending` once Viber has failed, then `delivered`, `expired` or
   * `undeliverable`; null where there is none, or none yet.
   * @example 'delivered'
   */
  @ApiProperty({
    type: String,
    nullable: true,
    enum: ['pending', 'delivered', 'expired', 'undeliverable'],
  })
  sms_status!: string | null;

  /** What is behind the status; null where nothing is. */
  @ApiProperty({ type: StatusDetailDto, nullable: true })
  status_detail!: StatusDetailDto | null;

  /**
   * What told the final status: a `callback` of the provider, a `poll`, its `answer` to an attempt, what a
   * `former_owner` of the lane had learned, or the `gateway` itself (cancelled, expired, no news any more).
   * @example 'callback'
   */
  @ApiProperty({
    type: String,
    nullable: true,
    enum: ['callback', 'poll', 'answer', 'former_owner', 'gateway'],
  })
  evidence!: string | null;

  /**
   * The provider's id of the message; a string, as it may be larger than 2^53.
   * @example '429'
   */
  @ApiProperty({ type: String, nullable: true })
  provider_message_id!: string | null;

  /**
   * Your own name for the message.
   * @example 'order-10042'
   */
  @ApiProperty({ type: String, nullable: true })
  client_reference!: string | null;

  /** Your own notes, in the order of their keys. */
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string' },
    nullable: true,
    example: { campaign: 'spring' },
  })
  metadata!: Record<string, string> | null;

  /**
   * What ties it to other messages.
   * @example 'spring-mailing'
   */
  @ApiProperty({ type: String, nullable: true })
  group!: string | null;
}

/** A page of messages, newest first. */
export class MessagePageDto {
  /** The messages. */
  data!: MessageDto[];

  /**
   * Give it as `cursor` for the next page; null at the end. A page examines a bounded number of messages, so it may be
   * short or empty and still have a next one.
   * @example 'eyJ2IjoxfQ'
   */
  @ApiProperty({ type: String, nullable: true })
  next_cursor!: string | null;
}
