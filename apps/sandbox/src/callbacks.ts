import { Injectable } from '@nestjs/common';
import { callbackShapes } from './callback-shapes.js';
import { CallbackSender } from './callback-sender.js';
import { Chance } from './chance.js';
import { SandboxClock } from './clock.js';
import { Keys } from './keys.js';
import { Messages } from './messages.js';
import type { Message } from './messages.js';
import { SandboxConfig } from './sandbox.config.js';

/** What a recipient writes to the sender. */
export interface Reply {
  readonly key: string;
  readonly url: string;
  readonly recipient: string;
  readonly text: string;
  readonly trackingData: string | null;
  /** The unit of `time` is not documented: ten digits are seconds, thirteen milliseconds. */
  readonly timeUnit?: 's' | 'ms';
}

/** Plans what is called back about messages, and sends replies. */
@Injectable()
export class Callbacks {
  private replies = 0;

  constructor(
    private readonly config: SandboxConfig,
    private readonly clock: SandboxClock,
    private readonly chance: Chance,
    private readonly keys: Keys,
    private readonly messages: Messages,
    private readonly sender: CallbackSender,
  ) {}

  /** Plans all callbacks of a message and its reply, but for one that `callFirst` makes. */
  follow(message: Message): void {
    const steps = message.fate.callbacks ?? message.fate.life.filter((step) => step.after !== 0);
    for (const step of message.fate.callbackFirst ? steps.slice(1) : steps) {
      const delayMs = this.messages.delayMs(message, step.after);
      this.clock.after(delayMs, () => void this.tell(message, step.status));
    }
    const { reply, sms } = message.fate;
    if (sms && message.smsId !== null && message.fate.callbacks === undefined) {
      const delayMs = this.messages.delayMs(message, sms.after);
      this.clock.after(delayMs, () => void this.tell(message, this.messages.statusOf(message)));
    }
    if (!reply || !message.twoWay) return;
    this.clock.after(this.messages.delayMs(message, reply.after), () => {
      const { key, recipient } = message;
      const url = this.keys.inboundUrl(key) ?? message.callbackUrl;
      if (url === null) return;
      this.reply({ key, url, recipient, text: reply.text, trackingData: trackingOf(message) });
    });
  }

  /** Makes the first callback of a message now. Resolves when it was answered, or failed. */
  async callFirst(message: Message): Promise<void> {
    const first = message.fate.callbacks?.[0];
    if (first) await this.tell(message, first.status);
  }

  /** Sends an inbound message now. Returns its `message_token`, which is wider than 2^53. */
  reply({ key, url, recipient, text, trackingData, timeUnit = 's' }: Reply): string {
    const token = this.nextToken();
    const time = timeUnit === 's' ? Math.floor(this.clock.now() / 1000) : this.clock.now();
    const message = { text, ...(trackingData === null ? {} : { tracking_data: trackingData }) };
    const rest = JSON.stringify({ phone_number: recipient, time, message });
    const body = `{"message_token":${token},${rest.slice(1)}`;
    void this.sender.send({
      url: new URL(url),
      contentType: 'application/json',
      body,
      entry: { kind: 'inbound', key, recipient, message_id: token, callback_url: url },
      bodyJson: body,
    });
    return token;
  }

  /** The numbers of replies start anew, as those of messages do. */
  reset(): void {
    this.replies = 0;
  }

  private async tell(message: Message, status: number): Promise<void> {
    const { callbackUrl, key, recipient } = message;
    if (callbackUrl === null) return;
    const shape = message.fate.callbackShape ?? this.config.callbackShape;
    await this.sender.send({
      url: new URL(callbackUrl),
      ...callbackShapes[shape](this.fieldsOf(message, status), message),
      entry: {
        kind: 'callback',
        key,
        recipient,
        message_id: message.id,
        status,
        callback_url: callbackUrl,
      },
    });
  }

  private fieldsOf(message: Message, status: number): Record<string, string> {
    const { id, smsId } = message;
    const fields = { message_id: id, status: String(status) };
    if (smsId === null) return fields;
    const smsStatus = String(this.messages.smsStatusOf(message));
    return { ...fields, sms_message_id: smsId, sms_message_status: smsStatus };
  }

  /** Odd, so that a reader who takes it for a double gets another one. */
  private nextToken(): string {
    const number = BigInt(this.replies++);
    return String((1n << 62n) + BigInt(this.chance.integer('tokens')) * 4_096n + 2n * number + 1n);
  }
}

/** What a phone sends back with a reply to this message. */
export function trackingOf(message: Message): string {
  return message.trackingData ?? `tracking_id:${message.id}`;
}
