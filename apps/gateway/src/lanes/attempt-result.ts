import {
  ViberBalanceEmpty,
  ViberError,
  ViberNotReached,
  ViberOutcomeUnknown,
  ViberRateLimited,
  ViberRefused,
  ViberUnauthorized,
  ViberWrongAddress,
  presentable,
  type Deviation,
  type ViberAnswer,
  type ViberSendAnswer,
} from '#viber';
import { redactWire } from '../platform/logging/index.js';
import type { AttemptOutcome } from '../queue/index.js';

/** What a call teaches about the way to the provider, beside the fate of its message. */
export type Lesson =
  | { readonly kind: 'fine' }
  | {
      readonly kind: 'rate_limited';
      readonly retryAfterMs: number | null;
      readonly statedLimit: number | null;
    }
  | { readonly kind: 'balance_empty' }
  | { readonly kind: 'key_refused' }
  | { readonly kind: 'wrong_address' }
  | { readonly kind: 'not_reached' }
  | { readonly kind: 'not_allowed' }
  | { readonly kind: 'transport_refused' }
  | { readonly kind: 'unknown' };

/** One call to the provider, judged by the complete table of DISPATCH. */
export interface AttemptResult {
  readonly outcome: AttemptOutcome;
  readonly providerMessageId: string | null;
  /** Stable code of `status_detail`; null for an accepted message. */
  readonly code: string | null;
  readonly lesson: Lesson;
  /** For the timeline: redacted, cut. */
  readonly detail: Readonly<Record<string, unknown>>;
}

export function acceptedResult(answer: ViberSendAnswer): AttemptResult {
  return {
    outcome: 'accepted',
    providerMessageId: answer.messageId,
    code: null,
    lesson: { kind: 'fine' },
    detail: answerDetail(answer),
  };
}

/** A fault of ours in the middle of an attempt: it is treated like any other outcome that nobody knows. */
export const unforeseenResult: AttemptResult = {
  outcome: 'unknown',
  providerMessageId: null,
  code: 'unknown_internal_error',
  lesson: { kind: 'unknown' },
  detail: {},
};

/** What an error of the provider's client tells. */
export function failedResult(error: ViberError): AttemptResult {
  const detail = error.answer ? answerDetail(error.answer) : {};
  const notSent = (code: string, lesson: Lesson, more: object = {}): AttemptResult => ({
    outcome: 'not_sent',
    providerMessageId: null,
    code,
    lesson,
    detail: { ...detail, ...more },
  });
  if (error instanceof ViberRateLimited) {
    const statedLimit = statedPerSecond(error);
    return notSent('rate_limited', {
      kind: 'rate_limited',
      retryAfterMs: error.retryAfterMs,
      statedLimit,
    });
  }
  if (error instanceof ViberBalanceEmpty)
    return notSent('balance_empty', { kind: 'balance_empty' });
  if (error instanceof ViberUnauthorized) return notSent('key_refused', { kind: 'key_refused' });
  if (error instanceof ViberWrongAddress)
    return notSent('wrong_address', { kind: 'wrong_address' });
  if (error instanceof ViberNotReached) {
    const kind =
      error.reason === 'not_allowed' || error.reason === 'closed' ? 'not_allowed' : 'not_reached';
    return notSent(kind, { kind }, { reason: error.code ?? error.reason });
  }
  if (error instanceof ViberRefused) {
    return {
      outcome: 'refused',
      providerMessageId: null,
      code: error.parameter === null ? 'refused' : 'invalid_parameter',
      lesson: { kind: error.transport ? 'transport_refused' : 'fine' },
      detail: { ...detail, parameter: error.parameter },
    };
  }
  if (error instanceof ViberOutcomeUnknown) {
    return {
      outcome: 'unknown',
      providerMessageId: null,
      code: `unknown_${error.reason}`,
      lesson: { kind: 'unknown' },
      detail: { ...detail, reason: error.reason },
    };
  }
  throw error;
}

/**
 * The provider's own figure. Yii2 states requests in a window of unknown length; a limit is believed only
 * where its reset tells that the window is one second.
 */
function statedPerSecond(error: ViberRateLimited): number | null {
  const limit = error.rateLimit;
  if (!limit?.limit || limit.resetSeconds === null || limit.resetSeconds > 1) return null;
  return limit.limit;
}

function answerDetail(answer: ViberAnswer): Record<string, unknown> {
  return {
    http_status: answer.httpStatus,
    duration_ms: Math.round(answer.durationMs),
    answer: redacted(answer.rawText),
    ...(answer.deviations.length > 0 ? { deviations: answer.deviations.map(shownDeviation) } : {}),
  };
}

/** In code points: a cut between the two halves of one would leave what no database takes. */
const shownAnswerLength = 500;

/** Masked before it is cut: half a number would not be recognised. */
function redacted(text: string): string {
  const points = Array.from(presentable(redactWire(text)));
  return points.length > shownAnswerLength
    ? `${points.slice(0, shownAnswerLength).join('')}…`
    : points.join('');
}

function shownDeviation({ kind, detail }: Deviation): string {
  return redactWire(`${kind} ${detail}`);
}
