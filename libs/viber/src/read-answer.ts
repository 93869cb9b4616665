import type { ViberAnswer, ViberErrorBody, ViberRateLimit } from './answer.js';
import { withoutSecrets } from './credential.js';
import {
  deviation,
  deviationsOf,
  errorContract,
  errorDeviations,
  httpStatusDeviations,
  joined,
  lenienciesAsDeviations,
  type Contract,
  type Deviation,
} from './deviations.js';
import { ViberNotReached, ViberOutcomeUnknown } from './errors.js';
import type { AnswerHeaders, ExchangeEnd } from './exchange.js';
import { asFields, field, presentable, readInteger, scalarText } from './fields.js';
import type { Fields } from './fields.js';
import { parseJson, type ParsedJson } from './json.js';

/** An answer together with the members of its body; `fields` is null where the body is no object. */
export interface OpenedAnswer {
  answer: ViberAnswer;
  fields: Fields | null;
  /** False where the body was too large to be read to its end. */
  whole: boolean;
}

const errorFields = ['name', 'message', 'code', 'status'] as const;
const maxKeptText = 2048;

/**
 * Reads what every answer has in common.
 *
 * @throws ViberNotReached or ViberOutcomeUnknown where there is no answer to read.
 */
export function openAnswer(
  end: ExchangeEnd,
  call: { durationMs: number; secrets: readonly string[]; contract: Contract },
): OpenedAnswer {
  if (end.kind === 'not written') throw new ViberNotReached(end.reason, end.code);
  if (end.kind === 'torn') throw new ViberOutcomeUnknown(end.reason, null, end.code);

  // A body that was cut is not read: what is missing might say something else.
  const parsed = end.whole ? parseJson(end.body) : null;
  const fields = parsed && asFields(parsed.value);
  const errorBody = fields && readErrorBody(fields, call.secrets);
  const answer: ViberAnswer = {
    httpStatus: end.httpStatus,
    durationMs: call.durationMs,
    rawText: keptText(end.body, call.secrets),
    deviations: joined(
      httpStatusDeviations(end.httpStatus),
      lenienciesAsDeviations(parsed?.leniencies ?? []),
      fields
        ? memberDeviations(fields, errorBody, call.contract)
        : [deviation('other_shape', shapeOf(end, parsed))],
    ),
    errorBody,
    rateLimit: readRateLimit(end.headers),
  };
  return { answer, fields, whole: end.whole };
}

function memberDeviations(
  fields: Fields,
  errorBody: ViberErrorBody | null,
  contract: Contract,
): readonly Deviation[] {
  return errorBody
    ? joined(deviationsOf(fields, errorContract), errorDeviations(errorBody))
    : deviationsOf(fields, contract);
}

/** What stands in place of an object. */
function shapeOf(end: { body: string; whole: boolean }, parsed: ParsedJson | null): string {
  if (!end.whole) return 'too_large';
  if (parsed) return 'not_an_object';
  return end.body.trim() === '' ? 'empty' : 'not_json';
}

/** Known by its shape alone, as the provider's own client libraries do: all four members are there. */
function readErrorBody(fields: Fields, secrets: readonly string[]): ViberErrorBody | null {
  if (!errorFields.every((name) => Object.hasOwn(fields, name))) return null;
  return {
    name: keptText(scalarText(field(fields, 'name')) ?? '', secrets),
    message: keptText(scalarText(field(fields, 'message')) ?? '', secrets),
    code: readInteger(field(fields, 'code')),
    status: readInteger(field(fields, 'status')),
  };
}

/** Redacted before it is cut: half a secret would not be recognised. */
function keptText(body: string, secrets: readonly string[]): string {
  return presentable(withoutSecrets(body, secrets).slice(0, maxKeptText));
}

function readRateLimit(headers: AnswerHeaders): ViberRateLimit | null {
  const limit = headers['x-rate-limit-limit'];
  const remaining = headers['x-rate-limit-remaining'];
  const reset = headers['x-rate-limit-reset'];
  if (limit === undefined && remaining === undefined && reset === undefined) return null;
  return {
    limit: readCount(limit),
    remaining: readCount(remaining),
    resetSeconds: readCount(reset),
  };
}

/** The two forms that RFC 9110 has it written in, but for dates of its two obsolete kinds. */
const deltaSeconds = /^\d+$/;
const imfFixdate =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const mostSeconds = 1e9;

/** Milliseconds of a Retry-After header, given in seconds or as a date; null where there is none that can be read. */
export function readRetryAfterMs(headers: AnswerHeaders, nowMs: number): number | null {
  const value = headers['retry-after'];
  if (typeof value !== 'string') return null;
  const text = value.trim();
  if (deltaSeconds.test(text)) return Math.min(Number(text), mostSeconds) * 1000;
  const at = imfFixdate.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}

function readCount(value: string | string[] | undefined): number | null {
  return typeof value === 'string' && /^\d{1,9}$/.test(value.trim()) ? Number(value) : null;
}
