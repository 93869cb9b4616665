import type { OutboundEnd } from '../platform/outbound/index.js';

/** What came of one attempt to deliver. */
export interface WebhookAttempt {
  /** Whether the endpoint took it. */
  readonly delivered: boolean;
  /** null where no answer came. */
  readonly httpStatus: number | null;
  /** Why it does not count; null where it does. */
  readonly error: string | null;
  readonly durationMs: number;
  /** The beginning of the answer; null where none came. */
  readonly answer: string | null;
  /** The endpoint is gone for good, and says so. */
  readonly isGone: boolean;
  /** How long the endpoint asks, or needs, to be left alone; null: as long as its failures say. */
  readonly pauseMs: number | null;
}

/** What of an answer is kept. */
export const answerBytes = 1_024;

const overloaded: ReadonlySet<number> = new Set([429, 502, 504]);
const overloadPauseMs = 30_000;
/** Nobody is left alone for longer than the longest wait between two attempts. */
const longestPauseMs = 86_400_000;

/** @param nowMs against which a Retry-After with a date is held */
export function attemptOf(end: OutboundEnd, durationMs: number, nowMs: number): WebhookAttempt {
  const nothing = { httpStatus: null, answer: null, isGone: false, pauseMs: null };
  if (end.kind !== 'answered') {
    return { ...nothing, delivered: false, error: end.reason, durationMs };
  }
  const { status } = end;
  const delivered = status >= 200 && status < 300;
  return {
    delivered,
    httpStatus: status,
    error: delivered ? null : status >= 300 && status < 400 ? 'redirect' : 'http_status',
    durationMs,
    answer: textOf(end.body),
    isGone: status === 410,
    pauseMs: delivered ? null : pauseOf(status, end.retryAfter, nowMs),
  };
}

function pauseOf(status: number, retryAfter: string | null, nowMs: number): number | null {
  const asked = readRetryAfterMs(retryAfter, nowMs);
  if (asked !== null) return Math.min(asked, longestPauseMs);
  return overloaded.has(status) ? overloadPauseMs : null;
}

function readRetryAfterMs(header: string | null, nowMs: number): number | null {
  if (header === null) return null;
  if (/^\s*\d{1,9}\s*$/.test(header)) return Number(header) * 1_000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}

/** PostgreSQL keeps no NUL. */
function textOf(body: Buffer): string {
  return body.toString('utf8').replaceAll('\0', '\ufffd');
}
