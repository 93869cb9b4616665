import type { AnswerName } from './provider/answers.js';
import type { CallbackShape, HttpStatusMode } from './wire-modes.js';

/** Milliseconds from acceptance; or the configured delivery time, or twice that; or the end of the message's validity. */
export type Delay = number | 'delivery' | 'twice the delivery' | 'validity';

/** From then on the message has this status. */
export interface Step {
  readonly after: Delay;
  readonly status: number;
}

/** What becomes of a send, and what its sender gets to know about it. */
export interface Fate {
  readonly name: string;
  /** The two digits that follow 999 in a recipient. */
  readonly code: string;
  readonly description: string;
  /** Whether the message exists for the provider afterwards, whatever the answer says. */
  readonly accepts: boolean;
  /** How the send is answered. */
  readonly answer: AnswerName;
  /** Only the first send to a recipient meets this fate, later ones are delivered. */
  readonly once?: true;
  /** Overrides the configured mode. */
  readonly httpStatus?: HttpStatusMode;
  /** Its id is beyond 2^53. */
  readonly hugeId?: true;
  /** The statuses that the message goes through. */
  readonly life: readonly Step[];
  /** What becomes of the SMS, where the message has a text for one. Left out: delivered as soon as Viber has failed. */
  readonly sms?: Step;
  /** What is called back. Left out: every step of life but the one at acceptance. */
  readonly callbacks?: readonly Step[];
  readonly callbackShape?: CallbackShape;
  /** The first callback is answered before the send is. */
  readonly callbackFirst?: true;
  /** How a status request for this message is answered. Left out: truthfully. */
  readonly poll?: AnswerName;
  /** What the recipient of a two-way message writes back. */
  readonly reply?: { readonly after: Delay; readonly text: string };
}
