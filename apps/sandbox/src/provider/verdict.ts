import type { FastifyReply } from 'fastify';
import type { Fate } from '../fate.js';
import type { Fault } from '../faults.js';
import type { NewEntry } from '../journal.js';
import type { RateLimitState } from '../keys.js';
import type { Message } from '../messages.js';
import type { HttpStatusMode } from '../wire-modes.js';
import type { AnswerName } from './answers.js';
import type { RequestBody } from './request-body.js';

/** A request as it came in. */
export interface Incoming {
  /** Null without a readable Authorization header. */
  readonly key: string | null;
  readonly contentType: string;
  readonly body: RequestBody;
  readonly reply: FastifyReply;
}

/** What was decided about a request, and how to tell it. */
export interface Verdict {
  readonly entry: Omit<NewEntry, 'kind' | 'key' | 'answer' | 'content_type'>;
  readonly answer: AnswerName;
  /** What an undisturbed provider would say, as JSON text. */
  readonly truth?: string;
  /** The parameter that a refusal names. */
  readonly parameter?: string;
  /** Left out: as configured. */
  readonly httpStatus?: HttpStatusMode | undefined;
  readonly rateLimit?: RateLimitState | null;
  /** The message that exists from now on. */
  readonly accepted?: Message;
}

/** A fault's own choice goes before that of the fate. */
export function httpStatusOf(fate: Fate, fault: Fault | null): HttpStatusMode | undefined {
  return fault?.httpStatus ?? fate.httpStatus;
}
