import { ApiProperty } from '@nestjs/swagger';

/** What is wrong with one field. */
export class FieldErrorDto {
  /**
   * JSON pointer into the body; for a query parameter, its name with a slash before it.
   * @example '/recipient'
   */
  pointer!: string;

  /**
   * Stable code of the mistake.
   * @example 'required'
   */
  code!: string;

  /**
   * For people; may change.
   * @example 'recipient is required.'
   */
  detail!: string;
}

/** An error, as in RFC 9457. The request id stands in the X-Request-Id header only. */
export class ProblemDto {
  /**
   * A URN made from the code.
   * @example 'urn:tyrian:problem:invalid_request'
   */
  type!: string;

  /**
   * A few words, the same for each occurrence.
   * @example 'Invalid request'
   */
  title!: string;

  /**
   * The HTTP status.
   * @example 400
   */
  @ApiProperty({ type: 'integer' })
  status!: number;

  /**
   * Stable: branch on it. The table of codes is docs/errors.md.
   * @example 'invalid_request'
   */
  code!: string;

  /**
   * What happened here, for people; may change.
   * @example 'recipient is required.'
   */
  detail!: string;

  /** The fields that are to blame, where there are any. */
  errors?: FieldErrorDto[];
}
