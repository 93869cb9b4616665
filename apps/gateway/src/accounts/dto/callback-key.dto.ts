import { ApiProperty } from '@nestjs/swagger';
import type { CallbackKeyRotation } from '../callback-keys.js';

/** A change of the key that signs callback URLs. */
export class CallbackKeyRotationDto {
  /**
   * The new key: it signs within a minute, as soon as every process has read it.
   * @example 2
   */
  @ApiProperty({ type: 'integer' })
  id!: number;

  /**
   * When the new key was made. It signs half a minute later, when every process knows it.
   * @example '2026-03-01T09:00:00.000Z'
   */
  @ApiProperty({ format: 'date-time' })
  created_at!: string;

  /**
   * The keys that were retired: status URLs under them are good for six days more, URLs for replies for ever.
   * @example [1]
   */
  @ApiProperty({ type: 'array', items: { type: 'integer' } })
  retired!: number[];

  static of({ id, createdAt, retired }: CallbackKeyRotation): CallbackKeyRotationDto {
    return { id, created_at: createdAt.toISOString(), retired: [...retired] };
  }
}
