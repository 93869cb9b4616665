import { HttpException } from '@nestjs/common';
import {
  CommitOutcomeUnknown,
  isConnectionLoss,
  isLockTimeout,
  LineTooLong,
  QueueFull,
  sqlStateOf,
} from '../database/index.js';
import { DeadlinePassed } from '../deadline/index.js';
import {
  AppError,
  DatabaseUnavailable,
  Forbidden,
  HeadersTooLarge,
  InternalError,
  InvalidRequest,
  MalformedHttp,
  NoSuchRoute,
  OutcomeUnknown,
  Overloaded,
  RequestTimeout,
  RequestTooLarge,
  Unauthenticated,
  UnsupportedMediaType,
  UriTooLong,
} from '../errors/index.js';

/** Errors of Fastify and of Node's HTTP server, by their code. */
const byCode: Readonly<Record<string, new () => AppError>> = {
  FST_ERR_BAD_URL: MalformedHttp,
  FST_ERR_CTP_BODY_TOO_LARGE: RequestTooLarge,
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: MalformedHttp,
  FST_ERR_CTP_INVALID_MEDIA_TYPE: UnsupportedMediaType,
  FST_ERR_MAX_PARAM_LENGTH: UriTooLong,
  FST_ERR_NOT_FOUND: NoSuchRoute,
  ERR_HTTP_REQUEST_TIMEOUT: RequestTimeout,
  HPE_HEADER_OVERFLOW: HeadersTooLarge,
};

const byStatus: Readonly<Record<number, new () => AppError>> = {
  401: Unauthenticated,
  403: Forbidden,
  404: NoSuchRoute,
  408: RequestTimeout,
  413: RequestTooLarge,
  414: UriTooLong,
  415: UnsupportedMediaType,
  431: HeadersTooLarge,
};

/** What a client is told of anything that was thrown. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  if (isClientGone(thrown)) return new MalformedHttp();
  const known = byCode[codeOf(thrown) ?? ''] ?? byCode[codeOf(causeOf(thrown)) ?? ''];
  if (known !== undefined) return new known();
  if (thrown instanceof HttpException) return ofHttpException(thrown);
  if (thrown instanceof CommitOutcomeUnknown) return new OutcomeUnknown(null, thrown);
  if (thrown instanceof QueueFull || thrown instanceof LineTooLong) return new Overloaded(thrown);
  if (isDatabaseTrouble(thrown)) return new DatabaseUnavailable(thrown);
  return new InternalError(thrown);
}

/** The client closed the connection while it was sending its body. */
export function isClientGone(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.message === 'aborted' && codeOf(thrown) === 'ECONNRESET';
}

/** Nest's own exceptions quote paths and values: only their status is used. */
function ofHttpException(exception: HttpException): AppError {
  const status = exception.getStatus();
  const known = byStatus[status];
  if (known !== undefined) return new known();
  return status < 500 ? new InvalidRequest([]) : new InternalError(exception);
}

/** Also what was cancelled, timed out or kept losing against others: all of it may work in a second. */
function isDatabaseTrouble(thrown: unknown): boolean {
  const state = sqlStateOf(thrown);
  return (
    thrown instanceof DeadlinePassed ||
    isConnectionLoss(thrown) ||
    isLockTimeout(thrown) ||
    state === '57014' ||
    state === '40001' ||
    state === '40P01'
  );
}

function codeOf(thrown: unknown): string | undefined {
  const code = (thrown as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}

function causeOf(thrown: unknown): unknown {
  return thrown instanceof Error ? thrown.cause : undefined;
}
