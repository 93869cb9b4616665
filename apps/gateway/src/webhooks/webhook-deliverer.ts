import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/index.js';
import { Log } from '../platform/logging/index.js';
import { Metrics } from '../platform/metrics/index.js';
import type { WebhookAttempt } from './attempt.js';
import { AttemptRecorder } from './attempt-recorder.js';
import { ClaimReleaser } from './claim-releaser.js';
import { DeliveryClaimer, type ClaimedDelivery, type Line } from './delivery-claimer.js';
import { EndpointPaces } from './endpoint-pace.js';
import { WebhookSender } from './webhook-sender.js';

/** A call that has not ended by then has failed. */
const timeoutMs = 15_000;
/** Until then what was claimed is this process's: the call, and writing down what came of it. */
const leaseMs = 2 * timeoutMs;
/** At the end of the process: an answer that takes longer is not waited for. */
const patienceMs = 5_000;
const limits = { total: 256, perEndpoint: 32 };
/** With what is claimed ahead: each holds its body in memory. */
const mostClaimed = 2_048;

/** So many are left of what was claimed ahead when it is time for more. */
const fewWaiting = 16;

interface Waiting {
  readonly delivery: ClaimedDelivery;
  readonly claimedMs: number;
}

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
  /** Claimed ahead, by endpoint. */
  private readonly waiting = new Map<string, Waiting[]>();
  private readonly underWay = new Set<Promise<void>>();
  private isClosed = false;
  private readonly attempts;
  private readonly seconds;

  constructor(
    private readonly claimer: DeliveryClaimer,
    private readonly sender: WebhookSender,
    private readonly recorder: AttemptRecorder,
    private readonly releaser: ClaimReleaser,
    private readonly clock: Clock,
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
   * Claims what is due and begins what has a socket; it does not wait for the end of it.
   * @param onEnd told when attempts have ended and were written down, and there is room for more
   * @returns whether anything was claimed
   */
  async runOnce(onEnd: () => void = () => undefined): Promise<boolean> {
    const claimedMs = this.clock.monotonicMs();
    let room = mostClaimed - this.countClaimed();
    const roomOf = ({ endpoint_id: id, failures }: Line): number => {
      const own = Math.min(room, this.paces.room(id, failures));
      room -= own;
      return own;
    };
    const claimed = await this.claimer.claim(roomOf, leaseMs);
    for (const delivery of claimed) {
      const line = this.waiting.get(delivery.endpointId) ?? [];
      line.push({ delivery, claimedMs });
      this.waiting.set(delivery.endpointId, line);
      this.paces.claimed(delivery.endpointId, 1);
    }
    this.pump(onEnd);
    return claimed.length > 0;
  }

  /** When all that was claimed has ended and is written down. */
  async idle(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay);
  }

  /**
   * Gives back what has not begun, and waits a moment for the rest: the process has to end. What is cut off then is made once
   * more when its lease ends, and is no failure of its endpoint.
   */
  async close(): Promise<void> {
    for (const endpointId of this.waiting.keys()) this.giveBack(endpointId);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, patienceMs)));
    await Promise.race([this.idle(), late]);
    clearTimeout(timer);
    this.isClosed = true;
  }

  private countClaimed(): number {
    let count = this.underWay.size;
    for (const line of this.waiting.values()) count += line.length;
    return count;
  }

  private pump(onEnd: () => void): void {
    for (const [endpointId, line] of this.waiting) {
      for (let next = line[0]; next !== undefined; next = line[0]) {
        const { delivery, claimedMs } = next;
        if (!this.paces.mayBegin(endpointId, delivery.failures)) break;
        // A call that could outlive its lease would be made twice.
        if (this.clock.monotonicMs() - claimedMs > leaseMs - 1.5 * timeoutMs) {
          this.giveBack(endpointId);
          break;
        }
        line.shift();
        this.track(
          this.deliver(delivery).finally(() => {
            this.pump(onEnd);
            if ((this.waiting.get(endpointId)?.length ?? 0) < fewWaiting) onEnd();
          }),
        );
      }
      if (line.length === 0) this.waiting.delete(endpointId);
    }
  }

  private track(work: Promise<void>): void {
    const run = work.finally(() => this.underWay.delete(run));
    this.underWay.add(run);
  }

  private giveBack(endpointId: string): void {
    const line = this.waiting.get(endpointId) ?? [];
    this.waiting.delete(endpointId);
    this.paces.released(endpointId, line.length);
    this.track(this.releaser.release(line.map(({ delivery }) => delivery)));
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
    if (this.isClosed) return;
    this.attempts.inc({ result: attempt.delivered ? 'delivered' : (attempt.error ?? 'failed') });
    this.seconds.observe(attempt.durationMs / 1_000);
    // An endpoint that fails is not asked by all that was claimed for it while it did not.
    if (!attempt.delivered) this.giveBack(endpointId);
    try {
      await this.recorder.record({ delivery, attempt });
    } catch (error) {
      // Its lease ends, and it is delivered once more.
      this.log.warn({ err: error }, 'what came of a webhook could not be written down');
    }
  }
}
