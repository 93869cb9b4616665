import { Injectable } from '@nestjs/common';
import type { Fate } from '../fate.js';
import { fateOf, ordinaryFate } from '../fates.js';
import { Faults } from '../faults.js';
import type { Fault } from '../faults.js';
import { Keys } from '../keys.js';
import { Messages } from '../messages.js';
import type { Message } from '../messages.js';
import { answers } from './answers.js';
import { digitsOf } from './request-body.js';
import { isGiven, isTwoWay, validitySeconds, wrongParameter } from './send-rules.js';
import { httpStatusOf } from './verdict.js';
import type { Incoming, Verdict } from './verdict.js';

/** Decides about `send-viber`. */
@Injectable()
export class Sends {
  /** Recipients that had their `once` already. */
  private readonly metOnce = new Set<string>();

  constructor(
    private readonly keys: Keys,
    private readonly faults: Faults,
    private readonly messages: Messages,
  ) {}

  decide({ key, body }: Incoming): Verdict {
    const recipient = digitsOf(body, 'destination_addr') ?? '';
    const fault = this.faults.pick('send', key ?? '', recipient);
    // What stands in front of the provider fails first, whoever asks.
    if (fault && !fault.fate.accepts) {
      this.faults.meet(fault);
      return notAccepted(fault.fate, recipient, fault);
    }

    if (key === null || !this.keys.isAccepted(key)) {
      return { entry: { decision: 'unauthorised', recipient }, answer: 'unauthorised' };
    }
    const rateLimit = this.keys.draw(key);
    if (rateLimit?.isExceeded) {
      return { entry: { decision: 'rate_limited', recipient }, answer: 'rate_limited', rateLimit };
    }
    const parameter = wrongParameter(body.parameters);
    if (parameter !== null) {
      const reason = body.isReadable ? parameter : 'unreadable body';
      const entry = { decision: 'refused', reason, recipient } as const;
      return { entry, answer: 'refused', parameter, rateLimit };
    }
    const fate = fault?.fate ?? this.fateFor(recipient);
    if (!fate.accepts) return { ...notAccepted(fate, recipient, null), rateLimit };
    if (!this.keys.pay(key)) {
      return {
        entry: { decision: 'balance_empty', recipient },
        answer: 'balance_empty',
        rateLimit,
      };
    }
    if (fault) this.faults.meet(fault);
    const message = this.accept(key, recipient, fate, body.parameters);
    const end = this.messages.endOf(message);
    return {
      entry: {
        decision: 'accepted',
        recipient,
        message_id: message.id,
        fate: fate.name,
        callback_url: message.callbackUrl ?? undefined,
        ends_as: end.status,
        ends_at: new Date(end.at).toISOString(),
      },
      answer: fate.answer,
      truth: `{"message_id":${message.id}}`,
      parameter: 'destination_addr',
      httpStatus: httpStatusOf(fate, fault),
      rateLimit,
      accepted: message,
    };
  }

  reset(): void {
    this.metOnce.clear();
  }

  private accept(
    key: string,
    recipient: string,
    fate: Fate,
    parameters: Readonly<Record<string, unknown>>,
  ): Message {
    const given = (name: string) => (isGiven(parameters[name]) ? String(parameters[name]) : null);
    return this.messages.accept({
      key,
      recipient,
      fate,
      callbackUrl: given('callback_url'),
      validityMs: validitySeconds(parameters) * 1000,
      twoWay: isTwoWay(parameters),
      trackingData: given('tracking_data'),
      hasSms: given('text_sms') !== null,
    });
  }

  private fateFor(recipient: string): Fate {
    const fate = fateOf(recipient);
    if (!fate.once) return fate;
    if (this.metOnce.has(recipient)) return ordinaryFate;
    this.metOnce.add(recipient);
    return fate;
  }
}

function notAccepted(fate: Fate, recipient: string, fault: Fault | null): Verdict {
  return {
    entry: { decision: answers[fate.answer].tells, recipient, fate: fate.name },
    answer: fate.answer,
    parameter: 'destination_addr',
    httpStatus: httpStatusOf(fate, fault),
  };
}
