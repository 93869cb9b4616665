import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/index.js';
import { Log } from '../platform/logging/index.js';
import { Metrics } from '../platform/metrics/index.js';
import type { WebhookAttempt } from './attempt.js';
import { AttemptRecorder } from './attempt-recorder.js';
import { DeliveryClaimer, type ClaimedDelivery, type Line } from './delivery-claimer.js';
import { EndpointPaces } from './endpoint-pace.js';
import { WebhookSender } from './webhook-sender.js';

/** A call that has not ended by then has failed. */
const timeoutMs = 15_000;
/** Until then what was claimed is this process's: the call, and writing down what came of it. */
const leaseMs = 2 * timeoutMs;
const limits = { total: 256, perEndpoint: 32 };

/** What stands for an attempt at an event that is kept no more. */
const eventGone: WebhookAttempt = {
  delivered: false,
  httpStatus: null,
  error: 'event_gone',
  durationMs: 0,
  answer: null,
  isGone: false,
  pauseMs: null,
};

/** Delivers what is due, each endpoint on its own line. */
@Injectable()
export class WebhookDeliverer {
  private readonly paces: EndpointPaces;
  private readonly underWay = new Set<Promise<void>>();
  private readonly attempts;
  private readonly seconds;

  constructor(
    private readonly claimer: DeliveryClaimer,
    private readonly sender: WebhookSender,
    private readonly recorder: AttemptRecorder,
    clock: Clock,
    metrics: Metrics,
    private readonly log: Log,
  ) {
    this.paces = new EndpointPaces(limits, () => clock.monotonicMs());
    this.attempts = metrics.counter(
      'tyrian_webhook_attempts_total',
      'Attempts to deliver a webhook, by how they ended.',
      ['result'],
    );
    this.seconds = metrics.histogram(
      'tyrian_webhook_attempt_seconds',
      'How long attempts to deliver a webhook took.',
    );
  }

  /**
   * Begins what is due and has a socket; it does not wait for the end of it.
   * @param onEnd told whenever an attempt has ended and was written down: there may be room for more
   * @returns whether anything began
   */
  async runOnce(onEnd: () => void = () => undefined): Promise<boolean> {
    const taken = { total: 0, slow: 0 };
    const roomOf = ({ endpoint_id: id, failures }: Line): number => {
      const room = this.paces.room(id, failures, taken);
      taken.total += room;
      if (this.paces.isSlow(id, failures)) taken.slow += room;
      return room;
    };
    const claimed = await this.claimer.claim(roomOf, leaseMs);
    for (const delivery of claimed) {
      const run = this.deliver(delivery).finally(() => {
        this.underWay.delete(run);
        onEnd();
      });
      this.underWay.add(run);
    }
    return claimed.length > 0;
  }

  /** When all that began has ended and is written down. */
  async idle(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay);
  }

  private async deliver(delivery: ClaimedDelivery): Promise<void> {
    const { call, endpointId, eventId, failures } = delivery;
    const end = this.paces.begin(endpointId, failures);
    let attempt = eventGone;
    try {
      if (call !== null) attempt = await this.sender.send({ ...call, eventId, timeoutMs });
    } finally {
      end(attempt.delivered ? 'well' : 'wrong', attempt.durationMs);
    }
    this.attempts.inc({ result: attempt.delivered ? 'delivered' : (attempt.error ?? 'failed') });
    this.seconds.observe(attempt.durationMs / 1_000);
    try {
      await this.recorder.record({ delivery, attempt });
    } catch (error) {
      // Its lease ends, and it is delivered once more.
      this.log.warn({ err: error }, 'what came of a webhook could not be written down');
    }
  }
}
