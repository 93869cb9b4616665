import { Injectable } from '@nestjs/common';
import {
  parseCallback,
  type InboundCallback,
  type StatusCallback,
  type ViberCallback,
} from '#viber';
import { CallbackUrls } from '../accounts/index.js';
import { DriftCounter, type DriftPlace } from '../drift/index.js';
import type { Deadline } from '../platform/deadline/index.js';
import { DatabaseUnavailable, NotFound } from '../platform/errors/index.js';
import { Log } from '../platform/logging/index.js';
import { ReceiptAppender } from './receipt-appender.js';
import { writeReceiptStatus } from './receipt-status.js';
import { CallbackNotReadable } from './receipts.errors.js';
import { ReplyRouter, type ReplyOrigin } from './reply-router.js';

/** A callback as it came in, of whatever form. */
export interface IncomingCallback {
  readonly body: Buffer | null;
  readonly query: Readonly<Record<string, unknown>>;
}

/**
 * Takes the provider's callbacks. Who they speak of is told by the URL alone, whose mac only we can make; a
 * forged one is refused without touching the database (DISPATCH 15).
 */
@Injectable()
export class CallbackIntake {
  constructor(
    private readonly urls: CallbackUrls,
    private readonly appender: ReceiptAppender,
    private readonly replies: ReplyRouter,
    private readonly drift: DriftCounter,
    private readonly log: Log,
  ) {}

  /** At a message's own URL: a status, or a reply to it where the provider uses one URL for both. */
  async takeAtMessage(
    token: string,
    callback: IncomingCallback,
    deadline: Deadline,
  ): Promise<void> {
    const origin = this.urls.readStatus(token);
    if (origin === null) throw new NotFound();
    const parsed = this.parse(callback, 'status_callback');
    if (parsed.kind === 'inbound') {
      const { tenantId, accountId, messageId } = origin;
      const from = { tenantId, accountId, messageId };
      await deadline.around(() => this.store(parsed, callback, from));
    } else if (parsed.kind === 'status') {
      await this.append(parsed, origin);
    } else {
      this.log.warn({ reason: parsed.reason }, 'a status callback could not be read');
      throw new CallbackNotReadable(parsed.reason);
    }
  }

  /** At a connection's URL for replies. */
  async takeAtConnection(token: string, callback: IncomingCallback): Promise<void> {
    const origin = this.urls.readInbound(token);
    if (origin === null) throw new NotFound();
    const parsed = this.parse(callback, 'inbound_callback');
    if (parsed.kind !== 'inbound') {
      const reason = parsed.kind === 'status' ? 'status_without_message' : parsed.reason;
      this.log.warn({ reason }, 'a reply could not be read');
      throw new CallbackNotReadable(reason);
    }
    await this.store(parsed, callback, { connectionId: origin.connectionId });
  }

  /** Only behind a mac that is ours: what a stranger sends is no drift of the provider. */
  private parse(callback: IncomingCallback, expected: DriftPlace): ViberCallback {
    const parsed = parseCallback(callback);
    const place = parsed.kind === 'inbound' ? 'inbound_callback' : expected;
    this.drift.note(place, parsed.deviations, () => rawText(callback.body));
    return parsed;
  }

  private async append(
    status: StatusCallback,
    origin: { tenantId: string; accountId: string; messageId: string; attempt: number },
  ): Promise<void> {
    try {
      await this.appender.append({
        ...origin,
        providerStatus: writeReceiptStatus(status.status, status.sms?.status ?? null),
        providerMessageId: status.messageId,
      });
    } catch (error) {
      throw new DatabaseUnavailable(error);
    }
  }

  private async store(
    reply: InboundCallback,
    callback: IncomingCallback,
    origin: ReplyOrigin,
  ): Promise<void> {
    try {
      await this.replies.take(reply, origin, rawText(callback.body));
    } catch (error) {
      throw new DatabaseUnavailable(error);
    }
  }
}

/** jsonb takes no NUL; decoding UTF-8 leaves no lone surrogate. */
function rawText(body: Buffer | null): string {
  return (body ?? Buffer.alloc(0)).toString('utf8').replaceAll('\0', '');
}
