import { Injectable } from '@nestjs/common';
import { Metrics } from '../platform/metrics/index.js';

/** `failed`: it is called again; `given_up`: it is not. */
export type CallbackEnd = 'heard' | 'failed' | 'given_up';

/** What this process counts at the door. */
@Injectable()
export class DropinMetrics {
  private readonly ignoredParameters;
  private readonly callbacks;

  constructor(metrics: Metrics) {
    this.ignoredParameters = metrics.counter(
      'tyrian_dropin_ignored_parameters_total',
      'Parameters of the provider’s clients that were left aside: unknown to the call, or not carried by the message type.',
      ['why'],
    );
    this.callbacks = metrics.counter(
      'tyrian_dropin_callbacks_total',
      'Calls of the callback_url that the provider’s clients gave, by how they ended.',
      ['end'],
    );
  }

  calledBack(end: CallbackEnd): void {
    this.callbacks.inc({ end });
  }

  ignored(why: 'unknown' | 'not_carried', count: number): void {
    if (count > 0) this.ignoredParameters.inc({ why }, count);
  }
}
