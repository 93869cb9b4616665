import { ApiProperty } from '@nestjs/swagger';
import { FieldErrorDto } from '../../platform/errors/index.js';

/** Why a message of a batch was refused. */
export class BatchErrorDto {
  /**
   * Stable code of the error; docs/errors.md lists them.
   * @example 'content_not_allowed'
   */
  code!: string;

  /**
   * A few words, the same for each occurrence.
   * @example 'Content not allowed'
   */
  title!: string;

  /**
   * What happened here, for people; may change.
   * @example 'A transactional message carries text only, not image_url.'
   */
  detail!: string;

  /** The fields that are to blame, where there are any; pointers start at the request's body. */
  errors?: FieldErrorDto[];
}

/** The fate of one message of a batch: `id` where it was accepted, `error` where it was refused. */
export class BatchResultDto {
  /**
   * Its place in `messages`, from 0.
   * @example 0
   */
  @ApiProperty({ type: 'integer' })
  index!: number;

  /**
   * The message, stored and queued.
   * @example 'msg_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  id?: string;

  /** Why nothing was stored for it. */
  error?: BatchErrorDto;
}

/** What became of a batch. */
export class BatchOutcomeDto {
  /**
   * How many messages were accepted, those included that were accepted before under their key.
   * @example 999
   */
  @ApiProperty({ type: 'integer' })
  accepted!: number;

  /**
   * How many messages were refused; nothing is stored for them.
   * @example 1
   */
  @ApiProperty({ type: 'integer' })
  refused!: number;

  /** One entry for each message, in their order. */
  results!: BatchResultDto[];
}
