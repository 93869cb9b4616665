import { ApiProperty, ApiPropertyOptional, OmitType } from '@nestjs/swagger';
import { IsOptional, Matches } from 'class-validator';
import { CreateMessageDto } from './create-message.dto.js';
import { idempotencyKeyPattern } from './field-rules.js';

/** Fields for every message of the batch that does not give them itself. */
export class BatchDefaultsDto extends OmitType(CreateMessageDto, ['recipient'] as const) {}

/** A message of a batch. A field that is null switches the batch's default off. */
export class BatchMessageDto extends CreateMessageDto {
  /**
   * Repeating a message under its key sends it once: 1 to 255 visible ASCII characters, kept for 7 days, in one
   * name space with the Idempotency-Key header.
   * @example 'order-10042-shipped'
   */
  @ApiPropertyOptional({ minLength: 1, maxLength: 255, pattern: idempotencyKeyPattern.source })
  @IsOptional()
  @Matches(idempotencyKeyPattern, {
    message: '$property must be 1 to 255 visible ASCII characters.',
  })
  idempotency_key?: string | null;
}

/** Up to 1,000 messages in one request. Each one is accepted or refused by itself. */
export class CreateBatchDto {
  /** Fields for every message that does not give them itself. */
  defaults?: BatchDefaultsDto | null;

  /** The messages, in the order in which they are queued. */
  @ApiProperty({ type: [BatchMessageDto], minItems: 1, maxItems: 1_000 })
  messages!: BatchMessageDto[];
}
