import { ApiProperty } from '@nestjs/swagger';

export const routedByValues = ['callback_url', 'tracking_data', 'recent', 'operator'] as const;

/** What told whose reply it is. */
export type RoutedBy = (typeof routedByValues)[number];

/** A reply of a recipient, as the provider handed it over. */
export class InboundMessageDto {
  /**
   * The inbound message's id; ids grow with the time of receipt.
   * @example 'inb_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  id!: string;

  /**
   * The account that it came over; null while it is not known.
   * @example 'acc_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  @ApiProperty({ type: String, nullable: true })
  account_id!: string | null;

  /**
   * The conversation with its recipient and sender; null where it is not known what is answered.
   * @example 'cnv_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  @ApiProperty({ type: String, nullable: true })
  conversation_id!: string | null;

  /**
   * Who wrote it, with the country code.
   * @example '+380671234567'
   */
  phone_number!: string;

  /**
   * The sender of the message that it probably answers; null where that is not known.
   * @example 'Custom Co'
   */
  @ApiProperty({ type: String, nullable: true })
  sender!: string | null;

  /**
   * What the recipient wrote; null where it was no text.
   * @example 'Yes, please.'
   */
  @ApiProperty({ type: String, nullable: true })
  text!: string | null;

  /**
   * The last message of ours on the recipient's phone, which it probably answers; null where that is not known.
   * @example 'msg_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  @ApiProperty({ type: String, nullable: true })
  in_reply_to!: string | null;

  /**
   * What told whose reply it is. `callback_url`: the message's own URL, to which it came; `tracking_data`: the id that
   * it carried; `recent`: the last two-way message to the number within seven days; `operator`: an operator, by hand.
   * null: it is yours by its connection alone, and waits for an operator to say of which account.
   * @example 'tracking_data'
   */
  @ApiProperty({ type: String, nullable: true, enum: [...routedByValues, null] })
  routed_by!: RoutedBy | null;

  /**
   * The provider's `message_token`, digit by digit: 64 bits wide, and so a string.
   * @example '5741311803571721087'
   */
  provider_message_token!: string;

  /**
   * When it was written, as the provider says.
   * @example '2026-03-01T09:05:00.000Z'
   */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  sent_at!: string | null;

  /**
   * When it came here.
   * @example '2026-03-01T09:05:01.318Z'
   */
  @ApiProperty({ format: 'date-time' })
  received_at!: string;
}

/** A page of inbound messages, newest first. */
export class InboundMessagePageDto {
  /** The inbound messages. */
  data!: InboundMessageDto[];

  /**
   * Give it as `cursor` for the next page; null at the end.
   * @example 'eyJ2IjoxfQ'
   */
  @ApiProperty({ type: String, nullable: true })
  next_cursor!: string | null;
}
