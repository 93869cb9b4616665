import { ApiExtraModels, ApiProperty, getSchemaPath } from '@nestjs/swagger';
import { eventTypes, type EventType } from '../event-types.js';
import { messageStatuses, type MessageStatus } from '../transitions.js';
import { MessageDto } from './message.dto.js';

/** The message as it stood when the event happened. Of one that is not kept any more only its id and the status are left. */
export class MessageEventDataDto extends MessageDto {
  /**
   * The status that it had before; null for the first event of a message.
   * @example 'sent'
   */
  @ApiProperty({ enum: messageStatuses, enumName: 'MessageStatus', nullable: true })
  previous_status!: MessageStatus | null;

  /**
   * The event's position in your feed. Of two events of a message the one with the higher number is the later one, in
   * whatever order they arrive.
   * @example 10042
   */
  @ApiProperty({ type: 'integer' })
  sequence!: number;
}

/** What holds an account, or that nothing holds it any more. */
export class AccountEventDataDto {
  /**
   * The account.
   * @example 'acc_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  account_id!: string;

  /**
   * How it stood then. `connection_paused`: the provider said so.
   * @example 'connection_paused'
   */
  @ApiProperty({ enum: ['active', 'paused', 'connection_paused'] })
  state!: string;

  /**
   * Who holds it; null where nobody does.
   * @example 'provider'
   */
  @ApiProperty({ type: String, nullable: true, enum: ['tenant', 'operator', 'provider'] })
  by!: string | null;

  /**
   * People's words, or the code of what the provider said, as an account shows it.
   * @example 'balance_empty'
   */
  @ApiProperty({ type: String, nullable: true })
  reason!: string | null;

  /**
   * Since when nothing goes out; null where it does.
   * @example '2026-03-01T09:00:00.000Z'
   */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  since!: string | null;

  /**
   * The event's position in your feed.
   * @example 10042
   */
  @ApiProperty({ type: 'integer' })
  sequence!: number;
}

/** One thing that a tenant is told of: what a webhook delivers, and what an entry of the feed holds. */
@ApiExtraModels(MessageEventDataDto, AccountEventDataDto)
export class EventDto {
  /**
   * What happened. New types may appear: pass over those that you do not know.
   * @example 'message.delivered'
   */
  @ApiProperty({ enum: eventTypes, enumName: 'EventType' })
  type!: EventType;

  /**
   * When it happened, or when we learned of it.
   * @example '2026-03-01T10:00:01.204Z'
   */
  @ApiProperty({ format: 'date-time' })
  timestamp!: string;

  /** By the type: the message (`message.*`), the inbound message (`inbound.received`), what holds the account (`account.*`), or the webhook endpoint (`endpoint.disabled`). */
  @ApiProperty({
    oneOf: [
      { $ref: getSchemaPath(MessageEventDataDto) },
      { $ref: '#/components/schemas/InboundMessageDto' },
      { $ref: getSchemaPath(AccountEventDataDto) },
      { $ref: '#/components/schemas/EndpointEventDataDto' },
    ],
  })
  data!: object;
}
