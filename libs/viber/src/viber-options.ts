import type { ViberAnswer } from './answer.js';

/** The provider's two calls; a key check is a status request. */
export type ViberCallName = 'send' | 'status';

export interface ViberOptions {
  /** Such as `https://web.it-decision.com`; a path is put before those of the calls. */
  baseUrl: string;
  /**
   * Deadline of a call that brings none of its own, in milliseconds.
   * @default 10_000
   */
  timeoutMs?: number;
  /**
   * The most sockets at once. A call beyond waits for one within its deadline.
   * @default 1_000
   */
  connections?: number;
  /**
   * The largest answer that is read, in bytes; the rest is cut off together with the connection.
   * @default 65_536
   */
  maxAnswerBytes?: number;
  /**
   * @default 'tyrian'
   */
  userAgent?: string;
  /** A private certificate authority in PEM, in place of the public ones. */
  ca?: string | Buffer;
  /**
   * Hears of every answer that came to its end, good or bad, before the caller does: the place to watch how
   * the provider's answers change (`answer.deviations`). It runs within the call: be quick. What it throws is lost.
   */
  onAnswer?: (call: ViberCallName, answer: ViberAnswer) => void;
}
