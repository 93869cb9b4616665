import { ApiProperty } from '@nestjs/swagger';

/** Why a row of the file was not entered. */
export class RefusedRowDto {
  /**
   * The line of the file on which the row starts; the first is 1.
   * @example 17
   */
  @ApiProperty({ type: 'integer' })
  line!: number;

  /**
   * What is wrong, as a stable code.
   * @example 'invalid_recipient'
   */
  code!: string;

  /**
   * What is wrong, in words.
   * @example 'recipient must be a phone number with its country code, 7 to 15 digits.'
   */
  detail!: string;
}

/** What became of a file. */
export class SuppressionImportDto {
  /**
   * Rows that the file holds, without its header.
   * @example 1200
   */
  @ApiProperty({ type: 'integer' })
  rows!: number;

  /**
   * Recipients that are entered now and were not before, or in a narrower category.
   * @example 1180
   */
  @ApiProperty({ type: 'integer' })
  entered!: number;

  /**
   * Rows that were not entered, as they are not right.
   * @example 1
   */
  @ApiProperty({ type: 'integer' })
  refused!: number;

  /** The first 100 of the refused rows. */
  errors!: RefusedRowDto[];
}
