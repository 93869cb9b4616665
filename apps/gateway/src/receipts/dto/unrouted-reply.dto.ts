import { ApiProperty } from '@nestjs/swagger';
import { IsString } from 'class-validator';
import { readRecipient, showRecipient } from '../../messages/index.js';
import { showId } from '../../platform/ids/index.js';
import type { Page } from '../../tenants/index.js';
import type { UnroutedReply } from '../unrouted-replies.js';

/** A reply that names no message of ours, to whose number no two-way message went within seven days. */
export class UnroutedReplyDto {
  /**
   * The id that the reply keeps when it is assigned.
   * @example 'inb_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  id!: string;

  /**
   * The connection that it came over.
   * @example 'con_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  connection_id!: string;

  /**
   * The tenant that owns the connection, and can read the reply already; null where the reply is nobody's yet.
   * @example 'ten_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  @ApiProperty({ type: String, nullable: true })
  tenant_id!: string | null;

  /**
   * Who wrote it, with the country code.
   * @example '+380671234567'
   */
  phone_number!: string;

  /**
   * What was written; null where it was no text, and where the reply is a tenant's.
   * @example 'Yes, please.'
   */
  @ApiProperty({ type: String, nullable: true })
  text!: string | null;

  /**
   * The provider's `tracking_data` as it came; null where there was none, and where the reply is a tenant's.
   * @example 'tracking_id:100035'
   */
  @ApiProperty({ type: String, nullable: true })
  tracking_data!: string | null;

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

  static of(reply: UnroutedReply): UnroutedReplyDto {
    return {
      id: showId('inb', reply.id),
      connection_id: showId('con', reply.connection_id),
      tenant_id: reply.tenant_id === null ? null : showId('ten', reply.tenant_id),
      phone_number: showRecipient(readRecipient(reply.phone_number) ?? reply.phone_number),
      text: reply.text,
      tracking_data: reply.tracking_data,
      sent_at: reply.sent_at?.toISOString() ?? null,
      received_at: reply.received_at.toISOString(),
    };
  }
}

/** A page of unrouted replies, newest first. */
export class UnroutedReplyListDto {
  /** The replies. */
  data!: UnroutedReplyDto[];

  /**
   * Give it as `cursor` for the next page; null at the end.
   * @example 'AZ2fP3sOcHeKX5Cme8Y2kA'
   */
  @ApiProperty({ type: String, nullable: true })
  next_cursor!: string | null;

  static of(page: Page<UnroutedReply>): UnroutedReplyListDto {
    return {
      data: page.rows.map((reply) => UnroutedReplyDto.of(reply)),
      next_cursor: page.nextCursor,
    };
  }
}

/** Whose reply it is. */
export class AssignReplyDto {
  /**
   * The tenant.
   * @example 'ten_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  @IsString()
  tenant_id!: string;

  /**
   * One of its accounts, under whose default sender the conversation goes on.
   * @example 'acc_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  @IsString()
  account_id!: string;
}
