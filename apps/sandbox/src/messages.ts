import { Injectable } from '@nestjs/common';
import { Chance } from './chance.js';
import { SandboxClock } from './clock.js';
import type { Delay, Fate } from './fate.js';
import { SandboxConfig } from './sandbox.config.js';
import { smsStatus, status } from './statuses.js';

/** A message that the provider accepted. */
export interface Message {
  /** Digits; as text, as it can be wider than 2^53. */
  readonly id: string;
  readonly key: string;
  readonly recipient: string;
  readonly fate: Fate;
  /** Milliseconds since 1970, by the sandbox's clock. */
  readonly acceptedAt: number;
  /** 0.8 to 1.2, by seed and recipient: how fast it goes through its life. */
  readonly pace: number;
  readonly validityMs: number;
  readonly callbackUrl: string | null;
  readonly twoWay: boolean;
  readonly trackingData: string | null;
  /** Id of the SMS sent instead, where the message had a text for one. */
  readonly smsId: string | null;
}

/** The truth about a message, as tests compare it. */
export interface MessageView {
  id: string;
  key: string;
  recipient: string;
  fate: string;
  accepted_at: string;
  status: number;
  /** null where the message had no text for an SMS. */
  sms_status: number | null;
  callback_url: string | null;
  two_way: boolean;
  history: { at: string; status: number }[];
}

export type NewMessage = Omit<Message, 'id' | 'acceptedAt' | 'pace' | 'smsId'> & {
  readonly hasSms: boolean;
};

export interface MessageFilter {
  key?: string;
  recipient?: string;
  /** Messages accepted after the one with this id; all, where it is not remembered. */
  after?: string;
  limit?: number;
}

const fiveDaysMs = 5 * 24 * 3_600_000;

/** What was accepted, remembered for five days of the sandbox's clock. */
@Injectable()
export class Messages {
  private readonly byId = new Map<string, Message>();
  /** Stands behind `oldest`. A new one for each accept would walk over the holes that the forgotten left. */
  private behindOldest = this.byId.values();
  private oldest: Message | undefined;
  private accepted = 0;

  constructor(
    private readonly config: SandboxConfig,
    private readonly clock: SandboxClock,
    private readonly chance: Chance,
  ) {}

  accept({ hasSms, ...message }: NewMessage): Message {
    const number = this.accepted++;
    const accepted: Message = {
      ...message,
      id: message.fate.hugeId ? this.hugeId(number) : this.id('ids', number),
      acceptedAt: this.clock.now(),
      pace: 0.8 + 0.4 * this.chance.fraction(`pace ${message.recipient}`),
      smsId: hasSms ? this.id('sms ids', number) : null,
    };
    this.forgetOld();
    this.byId.set(accepted.id, accepted);
    return accepted;
  }

  /** Null when it never was, belongs to another key, or is older than five days. */
  find(id: string, key: string): Message | null {
    const message = this.byId.get(id);
    if (!message || message.key !== key || this.isForgotten(message)) return null;
    return message;
  }

  /** The newest message to a recipient, where replies take their tracking data from. */
  findNewestTo(recipient: string, key?: string): Message | null {
    let newest: Message | null = null;
    for (const message of this.byId.values()) {
      if (message.recipient !== recipient || (key !== undefined && message.key !== key)) continue;
      newest = message;
    }
    return newest;
  }

  statusOf(message: Message): number {
    return this.historyOf(message).at(-1)?.status ?? status.sent;
  }

  /** The last status that it will have, known from its acceptance on. */
  endOf(message: Message): { status: number; at: number } {
    const last = message.fate.life.at(-1);
    if (last === undefined) return { status: status.sent, at: message.acceptedAt };
    return { status: last.status, at: message.acceptedAt + this.delayMs(message, last.after) };
  }

  /** Of the SMS sent instead: as its fate says, else delivered once the message itself has failed. */
  smsStatusOf(message: Message): number {
    const { sms } = message.fate;
    if (sms) {
      const isOver = this.clock.now() >= message.acceptedAt + this.delayMs(message, sms.after);
      return isOver ? sms.status : smsStatus.waiting;
    }
    const failed: readonly number[] = [status.undelivered, status.rejected, status.error];
    return failed.includes(this.statusOf(message)) ? smsStatus.delivered : smsStatus.waiting;
  }

  /** From acceptance, in milliseconds. */
  delayMs(message: Message, delay: Delay): number {
    if (delay === 'validity') return message.validityMs;
    const { deliveryMs } = this.config;
    if (delay === 'delivery') return Math.round(deliveryMs * message.pace);
    if (delay === 'twice the delivery') return Math.round(2 * deliveryMs * message.pace);
    return Math.round(delay * message.pace);
  }

  view(message: Message): MessageView {
    return {
      id: message.id,
      key: message.key,
      recipient: message.recipient,
      fate: message.fate.name,
      accepted_at: new Date(message.acceptedAt).toISOString(),
      status: this.statusOf(message),
      sms_status: message.smsId === null ? null : this.smsStatusOf(message),
      callback_url: message.callbackUrl,
      two_way: message.twoWay,
      history: this.historyOf(message).map(({ at, status }) => ({
        at: new Date(at).toISOString(),
        status,
      })),
    };
  }

  /** In the order of acceptance. */
  list({ key, recipient, after, limit = Infinity }: MessageFilter = {}): MessageView[] {
    const views: MessageView[] = [];
    // Who reads on while the oldest are forgotten goes on with the oldest that is left.
    let isPast = after === undefined || !this.byId.has(after);
    for (const message of this.byId.values()) {
      if (views.length >= limit) break;
      if (!isPast) {
        isPast = message.id === after;
        continue;
      }
      if (key !== undefined && message.key !== key) continue;
      if (recipient !== undefined && message.recipient !== recipient) continue;
      if (!this.isForgotten(message)) views.push(this.view(message));
    }
    return views;
  }

  get count(): number {
    return this.byId.size;
  }

  /** Forgets all. Ids go on, so that a client's database does not meet one twice, unless they start anew. */
  reset({ startIdsAnew = false } = {}): void {
    this.byId.clear();
    this.behindOldest = this.byId.values();
    this.oldest = undefined;
    if (startIdsAnew) this.accepted = 0;
  }

  /** A function of time alone, so that neither a callback nor a timer has to happen for it to be true. */
  private historyOf(message: Message): { at: number; status: number }[] {
    const now = this.clock.now();
    return message.fate.life
      .map((step) => ({
        at: message.acceptedAt + this.delayMs(message, step.after),
        status: step.status,
      }))
      .filter((step) => step.at <= now);
  }

  private isForgotten(message: Message): boolean {
    return this.clock.now() - message.acceptedAt > fiveDaysMs;
  }

  private forgetOld(): void {
    for (let oldest = this.findOldest(); oldest; oldest = this.findOldest()) {
      if (this.byId.size < this.config.messagesLimit && !this.isForgotten(oldest)) return;
      this.byId.delete(oldest.id);
      this.oldest = undefined;
    }
  }

  private findOldest(): Message | undefined {
    this.oldest ??= this.behindOldest.next().value;
    // An iterator that came to the end stays there, whatever is added.
    if (!this.oldest) this.behindOldest = this.byId.values();
    return this.oldest;
  }

  private id(series: string, number: number): string {
    return String(1_000_000_000 + this.chance.integer(series) * 1_000 + number);
  }

  /** Odd and beyond 2^53, so that a reader who takes it for a double gets another one. */
  private hugeId(number: number): string {
    return String(
      (1n << 60n) + BigInt(this.chance.integer('ids')) * 4_096n + 2n * BigInt(number) + 1n,
    );
  }
}
