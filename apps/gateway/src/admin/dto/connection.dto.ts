import { ApiProperty } from '@nestjs/swagger';
import { AccountPauseDto, keyVerdicts, type KeyVerdict } from '../../accounts/index.js';
import { showId } from '../../platform/ids/index.js';
import type { ConnectionView } from '../operator-acts.js';

/** A provider credential, without the key. */
export class ConnectionDto {
  /**
   * Names the connection.
   * @example 'con_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  id!: string;

  /**
   * null where the operator owns it.
   * @example 'ten_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  @ApiProperty({ type: String, nullable: true })
  tenant_id!: string | null;

  /**
   * For people.
   * @example 'Main'
   */
  name!: string;

  /**
   * What the check of the provider key showed.
   * @example 'plausible'
   */
  @ApiProperty({ enum: keyVerdicts, enumName: 'KeyVerdict' })
  key_verdict!: KeyVerdict;

  /** The provider's pause; null while there is none. */
  @ApiProperty({ type: AccountPauseDto, nullable: true })
  pause!: AccountPauseDto | null;

  /**
   * Calls a second that the key allows at present.
   * @example 20
   */
  rate_per_second!: number;

  /**
   * The rate at which the provider last said 429; null while it never did.
   * @example 20
   */
  @ApiProperty({ type: Number, nullable: true })
  learned_limit!: number | null;

  /**
   * The cap on calls a second; null for none.
   * @example 50
   */
  @ApiProperty({ type: Number, nullable: true })
  max_per_second!: number | null;

  static of({ connection, state }: ConnectionView): ConnectionDto {
    const { pausedAt: since, pauseReason: reason } = state;
    return {
      id: showId('con', connection.id),
      tenant_id: connection.tenantId === null ? null : showId('ten', connection.tenantId),
      name: connection.name,
      key_verdict: connection.keyVerdict,
      pause: since === null ? null : AccountPauseDto.of({ by: 'provider', reason, since }),
      rate_per_second: state.rate,
      learned_limit: state.learnedLimit,
      max_per_second: connection.maxPerSecond,
    };
  }
}
