import {
  InvalidRequest,
  OutcomeUnknown,
  Overloaded,
  RequestTooLarge,
} from '../platform/errors/index.js';
import { AccountUnknown, TenantSuspended } from '../tenants/index.js';
import {
  AccountGone,
  IdempotencyInProgress,
  IdempotencyKeyReused,
  RecipientSuppressed,
  TooManyRequests,
} from './acceptance.errors.js';
import {
  AccountPaused,
  AccountRequired,
  CategoryRequired,
  ContentNotAllowed,
  IdempotencyKeyForgotten,
  InvalidIdempotencyKey,
  SenderNotAllowed,
  SenderRequired,
  SendAtPast,
  SendAtTooFar,
} from './messages.errors.js';

export const replayedHeader = 'Idempotent-Replayed';
/** How the API describes the header of a request. */
export const idempotencyKeyHeader = {
  name: 'Idempotency-Key',
  required: false,
  description:
    'Repeating a request under its key sends once: 1 to 255 visible ASCII characters, kept for 7 days. The answer to a ' +
    `repeated request is the first one, with the header \`${replayedHeader}: true\`.`,
  schema: { type: 'string', minLength: 1, maxLength: 255 },
} as const;
/** How the API describes the header of an answer. */
export const replayedHeaders = {
  [replayedHeader]: {
    description: '`true` where the request was repeated and this is the first answer.',
    schema: { type: 'string' as const, enum: ['true'] },
  },
};

/** What whoever sends one message may be told instead. */
export const sendProblems = [
  InvalidRequest,
  InvalidIdempotencyKey,
  AccountRequired,
  AccountUnknown,
  AccountGone,
  AccountPaused,
  SenderRequired,
  SenderNotAllowed,
  CategoryRequired,
  ContentNotAllowed,
  SendAtPast,
  SendAtTooFar,
  RecipientSuppressed,
  IdempotencyKeyReused,
  IdempotencyInProgress,
  IdempotencyKeyForgotten,
  TenantSuspended,
  RequestTooLarge,
  TooManyRequests,
  Overloaded,
  OutcomeUnknown,
] as const;
