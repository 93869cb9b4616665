import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/index.js';
import { showId } from '../platform/ids/index.js';
import { OutboundClient } from '../platform/outbound/index.js';
import { productVersion } from '../platform/process/index.js';
import { answerBytes, attemptOf, type WebhookAttempt } from './attempt.js';
import { sign } from './signature.js';

/** One event on its way to one endpoint. */
export interface SignedCall {
  readonly url: string;
  /** Those that are valid now, the current one first. */
  readonly secrets: readonly string[];
  readonly eventId: string;
  readonly body: string;
  readonly timeoutMs: number;
}

const userAgent = `Tyrian-Webhooks/${productVersion}`;

/** Signs an event and hands it over, once. */
@Injectable()
export class WebhookSender {
  constructor(
    private readonly client: OutboundClient,
    private readonly clock: Clock,
  ) {}

  async send({ url, secrets, eventId, body, timeoutMs }: SignedCall): Promise<WebhookAttempt> {
    const startedMs = this.clock.monotonicMs();
    const end = await this.client.post({
      url,
      headers: {
        ...sign(secrets, showId('evt', eventId), this.clock.nowMs(), body),
        'content-type': 'application/json',
        'user-agent': userAgent,
      },
      body,
      timeoutMs,
      answerBytes,
    });
    const durationMs = Math.round(this.clock.monotonicMs() - startedMs);
    return attemptOf(end, durationMs, this.clock.nowMs());
  }
}
