import { ApiProperty } from '@nestjs/swagger';

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
   * Who wrote it, with the country code.
   * @example '+380671234567'
   */
  phone_number!: string;

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
