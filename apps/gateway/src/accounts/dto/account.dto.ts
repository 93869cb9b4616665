import { ApiProperty } from '@nestjs/swagger';
import { showId } from '../../platform/ids/index.js';
import { deliveryModes, type DeliveryMode, type Page } from '../../tenants/index.js';
import type { AccountView } from '../account-views.js';
import type { AccountLoad } from '../account-work.js';
import {
  categories,
  whenPausedChoices,
  type Category,
  type WhenPaused,
} from '../account.entity.js';
import { keyVerdicts, type KeyVerdict } from '../connection.entity.js';
import type { AccountState, Pause } from '../lane-pause.js';

const accountStates: AccountState[] = ['active', 'paused', 'connection_paused'];

/** Why nothing goes out. */
export class AccountPauseDto {
  /**
   * `provider`: it said so itself, and the connection waits.
   * @example 'provider'
   */
  @ApiProperty({ enum: ['tenant', 'operator', 'provider'] })
  by!: Pause['by'];

  /**
   * People's words; `tenant_suspended` where the operator has suspended the tenant; of the provider `balance_empty` (tried again by itself), `key_refused` (rotate the key) or
   * `requests_refused`. New codes may appear.
   * @example 'balance_empty'
   */
  @ApiProperty({ type: String, nullable: true })
  reason!: string | null;

  /**
   * Since when nothing goes out.
   * @example '2026-03-01T09:00:00.000Z'
   */
  @ApiProperty({ format: 'date-time' })
  since!: string;

  static of({ by, reason, since }: Pause): AccountPauseDto {
    return { by, reason, since: since.toISOString() };
  }
}

/** Messages that wait, by class. Counting stops at a bound. */
export class QueuedDto {
  /**
   * Messages.
   * @example 0
   */
  @ApiProperty({ type: 'integer' })
  urgent!: number;

  /**
   * Messages.
   * @example 120
   */
  @ApiProperty({ type: 'integer' })
  normal!: number;

  /**
   * Messages.
   * @example 5000
   */
  @ApiProperty({ type: 'integer' })
  promotional!: number;

  /**
   * Messages whose `send_at` lies ahead.
   * @example 12
   */
  @ApiProperty({ type: 'integer' })
  scheduled!: number;

  /**
   * Whether counting stopped: there are more than the numbers say.
   * @example false
   */
  capped!: boolean;

  static of({ urgent, normal, promotional, scheduled, capped }: AccountLoad): QueuedDto {
    return { urgent, normal, promotional, scheduled, capped };
  }
}

/** A right to send over a connection, with the state of its queue. */
export class AccountDto {
  /**
   * Names the account, as in a message’s `account_id`.
   * @example 'acc_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  id!: string;

  /**
   * The connection to the provider that it sends over.
   * @example 'con_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  connection_id!: string;

  /**
   * For people.
   * @example 'Main'
   */
  name!: string;

  /**
   * The sender names that messages may use; empty for any.
   * @example ['Custom Co']
   */
  senders!: string[];

  /**
   * The sender of messages that name none; null where they have to.
   * @example 'Custom Co'
   */
  @ApiProperty({ type: String, nullable: true })
  default_sender!: string | null;

  /**
   * The category of messages that name none; null where they have to.
   * @example 'transactional'
   */
  @ApiProperty({ enum: categories, enumName: 'Category', nullable: true })
  default_category!: Category | null;

  /**
   * null: the tenant's default.
   * @example null
   */
  @ApiProperty({ enum: deliveryModes, enumName: 'DeliveryMode', nullable: true })
  default_delivery_mode!: DeliveryMode | null;

  /**
   * What becomes of new messages while the account is paused: `hold` accepts and keeps them, `reject` answers 409
   * `account_paused`.
   * @example 'hold'
   */
  @ApiProperty({ enum: whenPausedChoices, enumName: 'WhenPaused' })
  when_paused!: WhenPaused;

  /**
   * Whether the operator made the account on a shared connection: the tenant can pause and resume it, and change nothing else.
   * @example false
   */
  managed!: boolean;

  /**
   * The most calls a second over the connection; null for as many as the provider lets through.
   * @example 50
   */
  @ApiProperty({ type: Number, nullable: true })
  max_per_second!: number | null;

  /**
   * What a check of the provider key showed. `plausible`: the provider did not object, which is all that can be
   * known without sending. `unchecked`: the check is under way, or was left out.
   * @example 'plausible'
   */
  @ApiProperty({ enum: keyVerdicts, enumName: 'KeyVerdict' })
  key_verdict!: KeyVerdict;

  /**
   * When the provider key was checked; null before.
   * @example '2026-03-01T09:00:01.000Z'
   */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  key_checked_at!: string | null;

  /**
   * `paused` by people, `connection_paused` by what the provider said. Messages are accepted and held in both, unless `when_paused` says otherwise.
   * @example 'active'
   */
  @ApiProperty({ enum: accountStates, enumName: 'AccountState' })
  state!: AccountState;

  /** null while the account is active. */
  @ApiProperty({ type: AccountPauseDto, nullable: true })
  pause!: AccountPauseDto | null;

  /**
   * What sending waits for at present without a pause, such as `rate_limited`; null where it does not wait.
   * @example 'rate_limited'
   */
  @ApiProperty({ type: String, nullable: true })
  waiting_for!: string | null;

  /** Messages that wait here. */
  queued!: QueuedDto;

  /**
   * When the oldest queued message was accepted, or became due; null where none is queued.
   * @example '2026-03-01T09:00:00.000Z'
   */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  oldest_queued_at!: string | null;

  /**
   * Sends a second that are possible at present.
   * @example 20
   */
  rate_per_second!: number;

  /**
   * Seconds until the queue is empty at this rate, scheduled messages left out; null while messages wait and nothing
   * goes out, as long as that lasts.
   * @example 256
   */
  @ApiProperty({ type: 'integer', nullable: true })
  estimated_drain_seconds!: number | null;

  /**
   * The URL for recipients' replies: hand it to the provider. null where the gateway takes no callbacks, and where the
   * account is managed.
   * @example 'https://gateway.example/callbacks/viber/i/AZ2fP3sOcHeKX5Cme8Y2kA.1.mpF2bZ0pQkq1m3nX5r7t9w'
   */
  @ApiProperty({ type: String, nullable: true })
  inbound_url!: string | null;

  /**
   * When it was made.
   * @example '2026-03-01T09:00:00.000Z'
   */
  @ApiProperty({ format: 'date-time' })
  created_at!: string;

  /**
   * When one of its fields last changed.
   * @example '2026-03-01T09:00:00.000Z'
   */
  @ApiProperty({ format: 'date-time' })
  updated_at!: string;

  static of(view: AccountView): AccountDto {
    return {
      id: showId('acc', view.id),
      connection_id: showId('con', view.connectionId),
      name: view.name,
      senders: [...view.senders],
      default_sender: view.defaultSender,
      default_category: view.defaultCategory,
      default_delivery_mode: view.defaultDeliveryMode,
      when_paused: view.whenPaused,
      managed: view.isManaged,
      max_per_second: view.maxPerSecond,
      key_verdict: view.keyVerdict,
      key_checked_at: view.keyCheckedAt?.toISOString() ?? null,
      state: view.state,
      pause: view.pause === null ? null : AccountPauseDto.of(view.pause),
      waiting_for: view.waitingFor,
      queued: QueuedDto.of(view.load),
      oldest_queued_at: view.load.oldestQueuedAt?.toISOString() ?? null,
      rate_per_second: view.ratePerSecond,
      estimated_drain_seconds: view.estimatedDrainSeconds,
      inbound_url: view.inboundUrl,
      created_at: view.createdAt.toISOString(),
      updated_at: view.updatedAt.toISOString(),
    };
  }
}

/** A page of accounts, newest first. */
export class AccountListDto {
  /** The accounts of this page. */
  data!: AccountDto[];

  /**
   * For the next page; null on the last one.
   * @example 'AZ2fP3sOcHeKX5Cme8Y2kA'
   */
  @ApiProperty({ type: String, nullable: true })
  next_cursor!: string | null;

  static of({ rows, nextCursor }: Page<AccountView>): AccountListDto {
    return { data: rows.map((row) => AccountDto.of(row)), next_cursor: nextCursor };
  }
}
