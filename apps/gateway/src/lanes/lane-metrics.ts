import { Injectable } from '@nestjs/common';
import { Metrics } from '../platform/metrics/index.js';
import type { AttemptResult } from './attempt-result.js';

/** What this process counts of its calls to the provider. */
@Injectable()
export class LaneMetrics {
  private readonly attempts;
  private readonly polls;
  private readonly seconds;

  constructor(metrics: Metrics) {
    this.attempts = metrics.counter(
      'tyrian_attempts_total',
      'Attempts to send by outcome (accepted, refused, not_sent, unknown) and code; rate_limited counts the 429s.',
      ['outcome', 'code'],
    );
    this.polls = metrics.counter(
      'tyrian_polls_total',
      'Status requests, by whether they told a status.',
      ['told'],
    );
    this.seconds = metrics.histogram(
      'tyrian_provider_seconds',
      'Time of one call to the provider, its failures included.',
      ['call'],
    );
  }

  attempted({ outcome, code }: AttemptResult, durationMs: number): void {
    this.attempts.inc({ outcome, code: code ?? '' });
    this.seconds.observe({ call: 'send' }, durationMs / 1_000);
  }

  polled(told: boolean, durationMs: number): void {
    this.polls.inc({ told: told ? 'yes' : 'no' });
    this.seconds.observe({ call: 'status' }, durationMs / 1_000);
  }
}
