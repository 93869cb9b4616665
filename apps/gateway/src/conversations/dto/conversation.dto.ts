import { ApiProperty } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import { MessageDto, showMessage } from '../../messages/index.js';
import { showId } from '../../platform/ids/index.js';
import { InboundMessageDto, showInbound } from '../../receipts/index.js';
import { IsRecipient, showRecipient } from '../../recipients/index.js';
import { ListQueryDto } from '../../tenants/index.js';
import type { Conversation, ConversationEntry } from '../conversation.js';

/** A recipient and a sender that the recipient has replied to. */
export class ConversationDto {
  /**
   * The conversation's id.
   * @example 'cnv_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  id!: string;

  /**
   * The recipient's phone number with its country code.
   * @example '+380671234567'
   */
  recipient!: string;

  /**
   * The name that the recipient sees.
   * @example 'Custom Co'
   */
  sender!: string;

  /**
   * The account that the newest reply came over, and over which answers to it go.
   * @example 'acc_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  account_id!: string;

  /**
   * The newest reply.
   * @example 'inb_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  last_inbound_message_id!: string;

  /**
   * When it came here.
   * @example '2026-03-01T09:05:01.318Z'
   */
  @ApiProperty({ format: 'date-time' })
  last_inbound_at!: string;

  /**
   * When the first reply came.
   * @example '2026-03-01T09:05:01.318Z'
   */
  @ApiProperty({ format: 'date-time' })
  created_at!: string;

  static of(conversation: Conversation): ConversationDto {
    return {
      id: showId('cnv', conversation.id),
      recipient: showRecipient(conversation.recipient),
      sender: conversation.sender,
      account_id: showId('acc', conversation.account_id),
      last_inbound_message_id: showId('inb', conversation.last_inbound_id),
      last_inbound_at: conversation.last_inbound_at.toISOString(),
      created_at: conversation.created_at.toISOString(),
    };
  }
}

/** A page of conversations, the one with the newest reply first. */
export class ConversationListDto {
  /** The conversations. */
  data!: ConversationDto[];

  /**
   * Give it as `cursor` for the next page; null at the end.
   * @example 'eyJ2IjoxfQ'
   */
  @ApiProperty({ type: String, nullable: true })
  next_cursor!: string | null;
}

/** One thing that was written: a message of yours, or a reply. */
export class ConversationEntryDto {
  /**
   * `outbound`: `message` holds it; `inbound`: `inbound_message` does.
   * @example 'inbound'
   */
  @ApiProperty({ enum: ['outbound', 'inbound'] })
  direction!: 'outbound' | 'inbound';

  /**
   * When it was accepted, or came here.
   * @example '2026-03-01T09:05:01.318Z'
   */
  @ApiProperty({ format: 'date-time' })
  at!: string;

  /** The message, as it stands now; null for a reply. */
  @ApiProperty({ type: MessageDto, nullable: true })
  message!: MessageDto | null;

  /** The reply; null for a message. */
  @ApiProperty({ type: InboundMessageDto, nullable: true })
  inbound_message!: InboundMessageDto | null;

  static of({ message, inbound }: ConversationEntry): ConversationEntryDto {
    if (inbound !== null) {
      const at = inbound.received_at.toISOString();
      return { direction: 'inbound', at, message: null, inbound_message: showInbound(inbound) };
    }
    return {
      direction: 'outbound',
      at: message.accepted.acceptedAt,
      message: showMessage(message.accepted, message.progress),
      inbound_message: null,
    };
  }
}

/** A page of a conversation, newest first. */
export class ConversationEntryListDto {
  /** What was written, in both directions. */
  data!: ConversationEntryDto[];

  /**
   * Give it as `cursor` for the next page; null at the end.
   * @example 'eyJ2IjoxfQ'
   */
  @ApiProperty({ type: String, nullable: true })
  next_cursor!: string | null;
}

/** Which conversations to show. Several filters narrow together. */
export class ListConversationsQueryDto extends ListQueryDto {
  /**
   * Who replied, in any form that a message's recipient takes.
   * @example '+380671234567'
   */
  @IsOptional()
  @IsRecipient()
  recipient?: string;

  /**
   * The name that the recipient sees.
   * @example 'Custom Co'
   */
  @IsOptional()
  @IsString()
  @MaxLength(40)
  sender?: string;

  /**
   * The account over which they go on.
   * @example 'acc_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  @IsOptional()
  @IsString()
  account_id?: string;
}
