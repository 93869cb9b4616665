import { Injectable } from '@nestjs/common';
import { Metrics } from '../platform/metrics/index.js';

/** What this process counts at the door. */
@Injectable()
export class DropinMetrics {
  private readonly ignoredParameters;

  constructor(metrics: Metrics) {
    this.ignoredParameters = metrics.counter(
      'tyrian_dropin_ignored_parameters_total',
      'Parameters of the provider’s clients that were left aside: unknown to the call, or not carried by the message type.',
      ['why'],
    );
  }

  ignored(why: 'unknown' | 'not_carried', count: number): void {
    if (count > 0) this.ignoredParameters.inc({ why }, count);
  }
}
