import type { ViberAnswer, ViberErrorBody } from './answer.js';
import {
  ViberBalanceEmpty,
  ViberOutcomeUnknown,
  ViberRateLimited,
  ViberRefused,
  ViberUnauthorized,
  ViberWrongAddress,
  type ViberError,
} from './errors.js';

/** What each documented code stands for. */
const documentedStatus: Readonly<Record<number, number>> = { 0: 429, 1: 400, 2: 500, 3: 402 };

/** Statuses with which a request is turned away before anyone looks at what it asks for. */
const turnedAway: ReadonlySet<number> = new Set([401, 402, 403, 429]);

/**
 * What an answer that is no success says: by its error body where it has one, whatever the HTTP status,
 * else by the HTTP status.
 */
export function outcomeOf(
  answer: ViberAnswer,
  { whole, retryAfterMs }: { whole: boolean; retryAfterMs: number | null },
): ViberError {
  const { errorBody } = answer;
  if (errorBody) return outcomeOfErrorBody(errorBody, answer, retryAfterMs);
  if (!whole && answer.httpStatus < 300) return new ViberOutcomeUnknown('answer_too_large', answer);
  return outcomeOfStatus(answer.httpStatus, answer, retryAfterMs);
}

function outcomeOfErrorBody(
  { code, status }: ViberErrorBody,
  answer: ViberAnswer,
  retryAfterMs: number | null,
): ViberError {
  const documented = code === null ? undefined : documentedStatus[code];
  const stated = status ?? (answer.httpStatus >= 400 ? answer.httpStatus : (documented ?? 0));

  if (code === 2) return new ViberOutcomeUnknown('server_error', answer);
  // The framework that the shape is known from gives code 0 to every error of its own, a 404 as well
  // as a 429. So code 0 says nothing, and its status says all.
  if (code === 0) return outcomeOfStatus(stated, answer, retryAfterMs);
  if (documented === undefined) {
    return turnedAway.has(stated)
      ? outcomeOfStatus(stated, answer, retryAfterMs)
      : new ViberOutcomeUnknown('unknown_error_code', answer);
  }
  return stated === documented
    ? outcomeOfStatus(stated, answer, retryAfterMs)
    : new ViberOutcomeUnknown('contradictory_answer', answer);
}

function outcomeOfStatus(
  status: number,
  answer: ViberAnswer,
  retryAfterMs: number | null,
): ViberError {
  if (status >= 500) return new ViberOutcomeUnknown('server_error', answer);
  if (status >= 300 && status < 400) return new ViberWrongAddress(answer);
  switch (status) {
    case 400:
      return new ViberRefused(
        answer,
        refusedParameter(answer.errorBody),
        answer.errorBody === null,
      );
    case 401:
    case 403:
      return new ViberUnauthorized(answer);
    case 402:
      return new ViberBalanceEmpty(answer);
    case 404:
    case 405:
      return new ViberWrongAddress(answer);
    case 413:
    case 415:
      return new ViberRefused(answer, null, true);
    case 429:
      return new ViberRateLimited(answer, retryAfterMs);
    default:
      return new ViberOutcomeUnknown(
        status >= 200 && status < 300 ? 'unreadable_answer' : 'unexpected_status',
        answer,
      );
  }
}

/** The name in `Invalid Parameter: [param_name]`. Anything that is no plain name stays in the answer. */
function refusedParameter(body: ViberErrorBody | null): string | null {
  return body?.name.match(/^invalid parameter:?\s*\[?\s*([\w.-]{1,64})\s*\]?\s*$/i)?.[1] ?? null;
}
