import { Injectable } from '@nestjs/common';
import { Faults } from '../faults.js';
import { Keys } from '../keys.js';
import { Messages } from '../messages.js';
import type { Message } from '../messages.js';
import { answers } from './answers.js';
import { digitsOf } from './request-body.js';
import { httpStatusOf } from './verdict.js';
import type { Incoming, Verdict } from './verdict.js';

const parameter = 'message_id';

/** Decides about `receive-viber`. */
@Injectable()
export class StatusRequests {
  constructor(
    private readonly keys: Keys,
    private readonly faults: Faults,
    private readonly messages: Messages,
  ) {}

  decide({ key, body }: Incoming): Verdict {
    const id = digitsOf(body, parameter) ?? '';
    const fault = this.faults.pick('status', key ?? '', id);
    if (fault && !fault.fate.accepts) {
      this.faults.meet(fault);
      const { answer, name } = fault.fate;
      const entry = { decision: answers[answer].tells, fate: name, message_id: id };
      return { entry, answer, parameter, httpStatus: httpStatusOf(fault.fate, fault) };
    }
    if (key === null || !this.keys.isAccepted(key)) {
      return { entry: { decision: 'unauthorised', message_id: id }, answer: 'unauthorised' };
    }
    const rateLimit = this.keys.draw(key);
    if (rateLimit?.isExceeded) {
      const entry = { decision: 'rate_limited', message_id: id } as const;
      return { entry, answer: 'rate_limited', rateLimit };
    }
    const message = this.messages.find(id, key);
    if (!message) {
      const reason = body.isReadable ? parameter : 'unreadable body';
      const entry = { decision: 'refused', reason, message_id: id } as const;
      return { entry, answer: 'refused', parameter, rateLimit };
    }
    const fate = fault?.fate ?? message.fate;
    const isMet = fault !== null && fault.fate.answer !== 'ok';
    if (isMet) this.faults.meet(fault);
    const answer = isMet ? fault.fate.answer : (message.fate.poll ?? 'ok');
    const status = this.messages.statusOf(message);
    const { recipient } = message;
    return {
      entry: {
        decision: answers[answer].tells,
        recipient,
        message_id: id,
        status,
        fate: fate.name,
      },
      answer,
      truth: this.truth(message, status),
      parameter,
      httpStatus: httpStatusOf(fate, fault),
      rateLimit,
    };
  }

  private truth(message: Message, status: number): string {
    const answer = `{"message_id":${message.id},"status":${status}`;
    if (message.smsId === null) return `${answer}}`;
    const smsStatus = this.messages.smsStatusOf(message);
    return `${answer},"sms_message_id":${message.smsId},"sms_message_status":${smsStatus}}`;
  }
}
