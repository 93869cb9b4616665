// Made from docs/openapi.json by `npm run generate`; do not edit.
import { ApiError } from '../api-error.js';

/** Account deleted. Choose another account. */
export class AccountGone extends ApiError {
  static readonly code = 'account_gone';
}

/** Account has open work. Wait until they are sent, or repeat with `force=true`, which expires what is queued and scheduled. */
export class AccountHasOpenWork extends ApiError {
  static readonly code = 'account_has_open_work';
}

/** Account managed by the operator. Talk to the operator. Pausing and resuming it is up to you. */
export class AccountManaged extends ApiError {
  static readonly code = 'account_managed';
}

/** Account not allowed. Use a key without the restriction, or one for this account. */
export class AccountNotAllowed extends ApiError {
  static readonly code = 'account_not_allowed';
}

/** Account paused. Take another way, or come back once the account is active. Its `pause` tells who holds it, why and since when. */
export class AccountPaused extends ApiError {
  static readonly code = 'account_paused';
}

/** Paused by the operator. Talk to the operator. */
export class AccountPausedByOperator extends ApiError {
  static readonly code = 'account_paused_by_operator';
}

/** Account required. Give `account_id`, or a `sender` that stands in the senders of exactly one account. */
export class AccountRequired extends ApiError {
  static readonly code = 'account_required';
}

/** Account unknown. List the accounts that the key may use with `GET /v1/accounts`. */
export class AccountUnknown extends ApiError {
  static readonly code = 'account_unknown';
}

/** Already being sent. Read the message again in a few seconds to learn its status. */
export class AlreadySending extends ApiError {
  static readonly code = 'already_sending';
}

/** API key expired. Use the key that replaced it, or have a new one made. */
export class ApiKeyExpired extends ApiError {
  static readonly code = 'api_key_expired';
}

/** API key not active. Rotate its successor, or make a new key. */
export class ApiKeyNotActive extends ApiError {
  static readonly code = 'api_key_not_active';
}

/** API key revoked. Have a new key made. */
export class ApiKeyRevoked extends ApiError {
  static readonly code = 'api_key_revoked';
}

/** Category required. Give `category`, or set `default_category` on the account. */
export class CategoryRequired extends ApiError {
  static readonly code = 'category_required';
}

/** Content not allowed. Compare the fields with the table of message types in docs/sending.md. */
export class ContentNotAllowed extends ApiError {
  static readonly code = 'content_not_allowed';
}

/** Cursor too old. Read what you have missed from `GET /v1/messages`, and begin again without `after`: with the oldest event that is kept. */
export class CursorTooOld extends ApiError {
  static readonly code = 'cursor_too_old';
}

/** Database unavailable. Send the request anew after the seconds in Retry-After. */
export class DatabaseUnavailable extends ApiError {
  static readonly code = 'database_unavailable';
}

/** Default sender not listed. Add it to `senders`, or choose one of them. */
export class DefaultSenderNotListed extends ApiError {
  static readonly code = 'default_sender_not_listed';
}

/** Duplicate JSON key. Send each key once. */
export class DuplicateJsonKey extends ApiError {
  static readonly code = 'duplicate_json_key';
}

/** Endpoint disabled. Enable it first: PATCH it with `status` "enabled". */
export class EndpointDisabled extends ApiError {
  static readonly code = 'endpoint_disabled';
}

/** Idempotency key in use. Repeat the request after Retry-After seconds, with the same key and body. */
export class IdempotencyInProgress extends ApiError {
  static readonly code = 'idempotency_in_progress';
}

/** Idempotency key forgotten. Find the message by its client reference. Repeat a batch within 7 days of its oldest key. */
export class IdempotencyKeyForgotten extends ApiError {
  static readonly code = 'idempotency_key_forgotten';
}

/** Idempotency key reused. Use a new key for a new request; repeat a request with exactly the same body. */
export class IdempotencyKeyReused extends ApiError {
  static readonly code = 'idempotency_key_reused';
}

/** Installation on hold. Wait until the operator releases it. */
export class InstallationOnHold extends ApiError {
  static readonly code = 'installation_on_hold';
}

/** Insufficient scope. Use a key with the scope. */
export class InsufficientScope extends ApiError {
  static readonly code = 'insufficient_scope';
}

/** Internal error. Try again with the same Idempotency-Key. If it stays, give the request id to your operator. */
export class InternalError extends ApiError {
  static readonly code = 'internal_error';
}

/** Invalid characters. Remove the character, or encode the text anew. */
export class InvalidCharacters extends ApiError {
  static readonly code = 'invalid_characters';
}

/** Invalid cursor. Give `next_cursor` as it came, with the same filters; or start from the first page. */
export class InvalidCursor extends ApiError {
  static readonly code = 'invalid_cursor';
}

/** Invalid idempotency key. Send one short key for each request, such as a UUID. */
export class InvalidIdempotencyKey extends ApiError {
  static readonly code = 'invalid_idempotency_key';
}

/** Invalid request. Correct the fields that `errors` points to. */
export class InvalidRequest extends ApiError {
  static readonly code = 'invalid_request';
}

/** JSON nested too deep. Send a flatter body. */
export class JsonTooDeep extends ApiError {
  static readonly code = 'json_too_deep';
}

/** Lifetime not allowed. Give an earlier `expires_at`, or use a key that lives as long. */
export class LifetimeNotAllowed extends ApiError {
  static readonly code = 'lifetime_not_allowed';
}

/** Malformed JSON. Send one JSON value, encoded in UTF-8. */
export class MalformedJson extends ApiError {
  static readonly code = 'malformed_json';
}

/** Message not cancellable. Nothing to do: a message can be cancelled only before it is sent. */
export class MessageNotCancellable extends ApiError {
  static readonly code = 'message_not_cancellable';
}

/** Not found. Check the id and with whose API key you ask. */
export class NotFound extends ApiError {
  static readonly code = 'not_found';
}

/** Number not exact. Send it as a string where the API takes one. */
export class NumberNotExact extends ApiError {
  static readonly code = 'number_not_exact';
}

/** Outcome unknown. Read the object, or send the request anew with the same Idempotency-Key. */
export class OutcomeUnknown extends ApiError {
  static readonly code = 'outcome_unknown';
}

/** Overloaded. Send the request anew after the seconds in Retry-After, and slow down. */
export class Overloaded extends ApiError {
  static readonly code = 'overloaded';
}

/** Recipient suppressed. Write no more to the recipient. `GET /v1/suppressions?recipient=…` shows why and since when; an entry can be removed where the recipient asks for it. */
export class RecipientSuppressed extends ApiError {
  static readonly code = 'recipient_suppressed';
}

/** Replay too large. Ask for a shorter time, or for fewer types. */
export class ReplayTooLarge extends ApiError {
  static readonly code = 'replay_too_large';
}

/** Replay too old. Give a later `since`. Older messages are read by `GET /v1/messages`. */
export class ReplayTooOld extends ApiError {
  static readonly code = 'replay_too_old';
}

/** Request too large. Send less at once, such as smaller batches. */
export class RequestTooLarge extends ApiError {
  static readonly code = 'request_too_large';
}

/** Time lies in the past. Give a time ahead, or leave `send_at` out to send now. Check the offset and the clock. */
export class SendAtPast extends ApiError {
  static readonly code = 'send_at_past';
}

/** Time lies too far ahead. Keep the message yourself until it is due within 30 days. */
export class SendAtTooFar extends ApiError {
  static readonly code = 'send_at_too_far';
}

/** Sender not allowed. Use one of the account’s senders, or add this one to them. */
export class SenderNotAllowed extends ApiError {
  static readonly code = 'sender_not_allowed';
}

/** Sender required. Give `sender`, or set `default_sender` on the account. */
export class SenderRequired extends ApiError {
  static readonly code = 'sender_required';
}

/** Tenant suspended. Talk to the operator. */
export class TenantSuspended extends ApiError {
  static readonly code = 'tenant_suspended';
}

/** Too many requests. Send the request anew after the seconds in Retry-After, and slow down. */
export class TooManyRequests extends ApiError {
  static readonly code = 'too_many_requests';
}

/** Too many signing secrets. Wait until one has expired, or rotate with a shorter `overlap_seconds`. */
export class TooManySigningSecrets extends ApiError {
  static readonly code = 'too_many_signing_secrets';
}

/** Too many requests wait for events. Follow the feed from one place, or leave out `wait_seconds`. Ask again after Retry-After. */
export class TooManyWaiting extends ApiError {
  static readonly code = 'too_many_waiting';
}

/** Too many webhook endpoints. Delete one that is not used, or give one endpoint more events. */
export class TooManyWebhookEndpoints extends ApiError {
  static readonly code = 'too_many_webhook_endpoints';
}

/** Not signed in. Send `Authorization: Bearer <API key>` with a key that is valid. */
export class Unauthenticated extends ApiError {
  static readonly code = 'unauthenticated';
}

/** Unsupported media type. Send `Content-Type: application/json`, without compression. */
export class UnsupportedMediaType extends ApiError {
  static readonly code = 'unsupported_media_type';
}

/** URL not allowed. Give another URL, or ask the operator to allow its address (OUTBOUND_ALLOW_CIDRS). */
export class UrlNotAllowed extends ApiError {
  static readonly code = 'url_not_allowed';
}

export const errorsByCode = {
  account_gone: AccountGone,
  account_has_open_work: AccountHasOpenWork,
  account_managed: AccountManaged,
  account_not_allowed: AccountNotAllowed,
  account_paused: AccountPaused,
  account_paused_by_operator: AccountPausedByOperator,
  account_required: AccountRequired,
  account_unknown: AccountUnknown,
  already_sending: AlreadySending,
  api_key_expired: ApiKeyExpired,
  api_key_not_active: ApiKeyNotActive,
  api_key_revoked: ApiKeyRevoked,
  category_required: CategoryRequired,
  content_not_allowed: ContentNotAllowed,
  cursor_too_old: CursorTooOld,
  database_unavailable: DatabaseUnavailable,
  default_sender_not_listed: DefaultSenderNotListed,
  duplicate_json_key: DuplicateJsonKey,
  endpoint_disabled: EndpointDisabled,
  idempotency_in_progress: IdempotencyInProgress,
  idempotency_key_forgotten: IdempotencyKeyForgotten,
  idempotency_key_reused: IdempotencyKeyReused,
  installation_on_hold: InstallationOnHold,
  insufficient_scope: InsufficientScope,
  internal_error: InternalError,
  invalid_characters: InvalidCharacters,
  invalid_cursor: InvalidCursor,
  invalid_idempotency_key: InvalidIdempotencyKey,
  invalid_request: InvalidRequest,
  json_too_deep: JsonTooDeep,
  lifetime_not_allowed: LifetimeNotAllowed,
  malformed_json: MalformedJson,
  message_not_cancellable: MessageNotCancellable,
  not_found: NotFound,
  number_not_exact: NumberNotExact,
  outcome_unknown: OutcomeUnknown,
  overloaded: Overloaded,
  recipient_suppressed: RecipientSuppressed,
  replay_too_large: ReplayTooLarge,
  replay_too_old: ReplayTooOld,
  request_too_large: RequestTooLarge,
  send_at_past: SendAtPast,
  send_at_too_far: SendAtTooFar,
  sender_not_allowed: SenderNotAllowed,
  sender_required: SenderRequired,
  tenant_suspended: TenantSuspended,
  too_many_requests: TooManyRequests,
  too_many_signing_secrets: TooManySigningSecrets,
  too_many_waiting: TooManyWaiting,
  too_many_webhook_endpoints: TooManyWebhookEndpoints,
  unauthenticated: Unauthenticated,
  unsupported_media_type: UnsupportedMediaType,
  url_not_allowed: UrlNotAllowed,
} as const;
