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

/** What the codes stand for that belong to one documented error alone, and so tell it without a status. */
const statusOfCode: Readonly<Record<number, number>> = { 1: 400, 3: 402 };

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
  { name, code, status }: ViberErrorBody,
  answer: ViberAnswer,
  retryAfterMs: number | null,
): ViberError {
  if (code === 2) return new ViberOutcomeUnknown('server_error', answer);
  // The framework that the shape is known from gives code 0 to every error of its own, a 404 as well
  // as a 429. So code 0 says nothing, and its status says all.
  if (code === 0) {
    const stated = status ?? statusWithoutOne(name, answer.httpStatus);
    return outcomeOfStatus(stated, answer, retryAfterMs);
  }
  const documented = code === null ? undefined : statusOfCode[code];
  const stated = status ?? (answer.httpStatus >= 400 ? answer.httpStatus : (documented ?? 0));
  if (documented === undefined) {
    return turnedAway.has(stated)
      ? outcomeOfStatus(stated, answer, retryAfterMs)
      : new ViberOutcomeUnknown('unknown_error_code', answer);
  }
  return stated === documented
    ? outcomeOfStatus(stated, answer, retryAfterMs)
    : new ViberOutcomeUnknown('contradictory_answer', answer);
}

/**
 * Where neither code nor status says anything, HTTP decides as for a body that is no error; under a good HTTP
 * status, the one documented name of code 0 is believed and nothing else, as whatever is taken for "not sent" is
 * sent again.
 */
function statusWithoutOne(name: string, httpStatus: number): number {
  return httpStatus < 300 && /^too many requests$/i.test(name) ? 429 : httpStatus;
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
