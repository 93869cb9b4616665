// Made from docs/openapi.json by `npm run generate`; do not edit.

export interface FieldError {
  /** JSON pointer into the body; for a query parameter, its name with a slash before it. */
  pointer: string;
  /** Stable code of the mistake. */
  code: string;
  /** For people; may change. */
  detail: string;
}

/**
 * What becomes of a message whose attempt may or may not have been sent, where neither the message nor its
 * account says: `at_most_once` never sends it again, `at_least_once` may send it twice.
 */
export type DeliveryMode = 'at_most_once' | 'at_least_once';

/** What the key may do; `*` is everything, what later releases add too. */
export type Scope = '*' | 'messages:send' | 'messages:read' | 'messages:cancel' | 'inbound:read' | 'events:read' | 'conversations:read' | 'accounts:read' | 'accounts:write' | 'keys:read' | 'keys:write' | 'webhooks:read' | 'webhooks:write' | 'audit:read' | 'reconciliations:read' | 'suppressions:read' | 'suppressions:write';

export interface CreateApiKey {
  /** For people, to tell keys apart: 1 to 200 characters. */
  name: string;
  /** What the key may do; `*` is everything, what later releases add too. */
  scopes: Scope[];
  /**
   * Restricts the key to these accounts, at most 100. Left out: all of the tenant's, later ones too; for a maker
   * that is restricted itself, the maker's.
   */
  account_ids?: string[] | null;
  /**
   * When the key ends, ISO 8601 with an offset, in the future. Left out: never; for a maker that ends itself, with
   * the maker.
   */
  expires_at?: string | null;
}

export interface CreatedApiKey {
  /** What the key may do; `*` is everything. */
  scopes: Scope[];
  /** The accounts that the key is restricted to; null for all. */
  account_ids: string[] | null;
  /** When the key ends or ended; null for never. */
  expires_at: string | null;
  /** When the key was revoked; null where it was not. */
  revoked_at: string | null;
  /** The key that replaced this one in a rotation; null where none did. */
  replaced_by: string | null;
  /** Last use, to the minute; null for never. */
  last_used_at: string | null;
  /** When it was made. */
  created_at: string;
  /** The key itself. Shown this once: only its hash is kept. */
  api_key: string;
  /** Names the key, which is no secret. */
  id: string;
  /** For people. */
  name: string;
  /** The public part of the key, `tyr_live_<prefix>_…`. */
  prefix: string;
}

export interface ApiKey {
  /** What the key may do; `*` is everything. */
  scopes: Scope[];
  /** The accounts that the key is restricted to; null for all. */
  account_ids: string[] | null;
  /** When the key ends or ended; null for never. */
  expires_at: string | null;
  /** When the key was revoked; null where it was not. */
  revoked_at: string | null;
  /** The key that replaced this one in a rotation; null where none did. */
  replaced_by: string | null;
  /** Last use, to the minute; null for never. */
  last_used_at: string | null;
  /** When it was made. */
  created_at: string;
  /** Names the key, which is no secret. */
  id: string;
  /** For people. */
  name: string;
  /** The public part of the key, `tyr_live_<prefix>_…`. */
  prefix: string;
}

export interface ApiKeyList {
  /** For the next page; null on the last one. */
  next_cursor: string | null;
  /** The keys of this page. */
  data: ApiKey[];
}

export interface RotateApiKey {
  /** How long the old key goes on working beside the new one, in seconds: 0 to 2,592,000 (30 days). */
  overlap_seconds?: number;
  /** When the new key ends, ISO 8601 with an offset; null for never. Left out: when the old one would have. */
  expires_at?: string | null;
}

/** `admin_token` is an operator, `system` the gateway itself. */
export type ActorKind = 'api_key' | 'admin_token' | 'system';

export interface AuditActor {
  /** `admin_token` is an operator, `system` the gateway itself. */
  kind: ActorKind;
  /** Id of the API key; for an operator the first 8 hexadecimal digits of the token's SHA-256. */
  id: string;
}

/** What sort of object it is. New kinds may appear. */
export type AuditedKind = 'tenant' | 'api_key' | 'account' | 'connection' | 'callback_key' | 'installation';

export interface AuditObject {
  /** What sort of object it is. New kinds may appear. */
  kind: AuditedKind;
  /** The object’s id, as the API shows it elsewhere. */
  id: string;
}

export interface AuditEntry {
  /** The tenant concerned; null where an operator's act concerns the installation. */
  tenant_id: string | null;
  /** When it was done. */
  at: string;
  /** The changed fields as they were, without secrets; null for a new object. */
  before: Record<string, unknown> | null;
  /** The changed fields as they are, without secrets; null for one that is gone. */
  after: Record<string, unknown> | null;
  /** The X-Request-Id of the request that did it. */
  request_id: string | null;
  /** Names the entry. */
  id: string;
  /** Who did it. */
  actor: AuditActor;
  /** The object's kind and what was done to it. New actions may appear. */
  action: string;
  /** What it was done to. */
  object: AuditObject;
}

export interface AuditLog {
  /** For the next page; null on the last one. */
  next_cursor: string | null;
  /** The entries of this page. */
  data: AuditEntry[];
}

/** The category of messages that name none; it decides the charge. Without one every message must name its own. */
export type Category = 'promotional' | 'transactional';

/**
 * What becomes of new messages while the account is paused, by people or by what the provider said: `hold` accepts
 * and keeps them, `reject` answers 409 `account_paused` with the reason, so that you can take another way at once. Every
 * replica follows a pause within two seconds; what was accepted before stays. Left out: `hold`.
 */
export type WhenPaused = 'hold' | 'reject';

export interface CreateAccount {
  /** The sender of messages that name none: 1 to 20 characters, one of `senders` where those are given. */
  default_sender?: string | null;
  /** The category of messages that name none; it decides the charge. Without one every message must name its own. */
  default_category?: Category | null;
  /**
   * What becomes of a message whose attempt may or may not have been sent, where the message does not say. Left
   * out or null: the tenant's default.
   */
  default_delivery_mode?: DeliveryMode | null;
  /**
   * What becomes of new messages while the account is paused, by people or by what the provider said: `hold` accepts
   * and keeps them, `reject` answers 409 `account_paused` with the reason, so that you can take another way at once. Every
   * replica follows a pause within two seconds; what was accepted before stays. Left out: `hold`.
   */
  when_paused?: WhenPaused;
  /** The sender names that messages may use: at most 100, each of 1 to 20 characters. Left out or empty: any. */
  senders?: string[];
  /**
   * The most calls a second over the account's connection, sends and status polls together: 0.1 to 20,000. Left
   * out or null: as many as the provider lets through.
   */
  max_per_second?: number | null;
  /** For people: 1 to 200 characters. */
  name: string;
  /** The key that the provider gave you: 1 to 512 visible ASCII characters. Kept encrypted, never shown again. */
  provider_key: string;
}

/**
 * What a check of the provider key showed. `plausible`: the provider did not object, which is all that can be
 * known without sending. `unchecked`: the check is under way, or was left out.
 */
export type KeyVerdict = 'unchecked' | 'plausible' | 'refused' | 'unreachable';

/** `paused` by people, `connection_paused` by what the provider said. Messages are accepted and held in both, unless `when_paused` says otherwise. */
export type AccountState = 'active' | 'paused' | 'connection_paused';

export interface AccountPause {
  /** `provider`: it said so itself, and the connection waits. */
  by: 'tenant' | 'operator' | 'provider';
  /**
   * People's words; `tenant_suspended` where the operator has suspended the tenant; of the provider `balance_empty` (tried again by itself), `key_refused` (rotate the key) or
   * `requests_refused`. New codes may appear.
   */
  reason: string | null;
  /** Since when nothing goes out. */
  since: string;
}

export interface Queued {
  /** Messages. */
  urgent: number;
  /** Messages. */
  normal: number;
  /** Messages. */
  promotional: number;
  /** Messages whose `send_at` lies ahead. */
  scheduled: number;
  /** Whether counting stopped: there are more than the numbers say. */
  capped: boolean;
}

export interface Account {
  /** The sender of messages that name none; null where they have to. */
  default_sender: string | null;
  /** The category of messages that name none; null where they have to. */
  default_category: Category | null;
  /** null: the tenant's default. */
  default_delivery_mode: DeliveryMode | null;
  /**
   * What becomes of new messages while the account is paused: `hold` accepts and keeps them, `reject` answers 409
   * `account_paused`.
   */
  when_paused: WhenPaused;
  /** The most calls a second over the connection; null for as many as the provider lets through. */
  max_per_second: number | null;
  /**
   * What a check of the provider key showed. `plausible`: the provider did not object, which is all that can be
   * known without sending. `unchecked`: the check is under way, or was left out.
   */
  key_verdict: KeyVerdict;
  /** When the provider key was checked; null before. */
  key_checked_at: string | null;
  /** `paused` by people, `connection_paused` by what the provider said. Messages are accepted and held in both, unless `when_paused` says otherwise. */
  state: AccountState;
  /** null while the account is active. */
  pause: AccountPause | null;
  /** What sending waits for at present without a pause, such as `rate_limited`; null where it does not wait. */
  waiting_for: string | null;
  /** When the oldest queued message was accepted, or became due; null where none is queued. */
  oldest_queued_at: string | null;
  /**
   * Seconds until the queue is empty at this rate, scheduled messages left out; null while messages wait and nothing
   * goes out, as long as that lasts.
   */
  estimated_drain_seconds: number | null;
  /**
   * The URL for recipients' replies: hand it to the provider. null where the gateway takes no callbacks, and where the
   * account is managed.
   */
  inbound_url: string | null;
  /** When it was made. */
  created_at: string;
  /** When one of its fields last changed. */
  updated_at: string;
  /** Names the account, as in a message’s `account_id`. */
  id: string;
  /** The connection to the provider that it sends over. */
  connection_id: string;
  /** For people. */
  name: string;
  /** The sender names that messages may use; empty for any. */
  senders: string[];
  /** Whether the operator made the account on a shared connection: the tenant can pause and resume it, and change nothing else. */
  managed: boolean;
  /** Messages that wait here. */
  queued: Queued;
  /** Sends a second that are possible at present. */
  rate_per_second: number;
}

export interface AccountList {
  /** For the next page; null on the last one. */
  next_cursor: string | null;
  /** The accounts of this page. */
  data: Account[];
}

export interface UpdateAccount {
  /** The sender of messages that name none: 1 to 20 characters, one of `senders` where those are given. */
  default_sender?: string | null;
  /** The category of messages that name none; it decides the charge. Without one every message must name its own. */
  default_category?: Category | null;
  /**
   * What becomes of a message whose attempt may or may not have been sent, where the message does not say. Left
   * out or null: the tenant's default.
   */
  default_delivery_mode?: DeliveryMode | null;
  /**
   * What becomes of new messages while the account is paused, by people or by what the provider said: `hold` accepts
   * and keeps them, `reject` answers 409 `account_paused` with the reason, so that you can take another way at once. Every
   * replica follows a pause within two seconds; what was accepted before stays. Left out: `hold`.
   */
  when_paused?: WhenPaused;
  /** The sender names that messages may use: at most 100, each of 1 to 20 characters. Left out or empty: any. */
  senders?: string[];
  /**
   * The most calls a second over the account's connection, sends and status polls together: 0.1 to 20,000. Left
   * out or null: as many as the provider lets through.
   */
  max_per_second?: number | null;
  /** For people: 1 to 200 characters. */
  name?: string;
}

export interface RotateProviderKey {
  /** The key that the provider gave you: 1 to 512 visible ASCII characters. Kept encrypted, never shown again. */
  provider_key: string;
}

export interface Pause {
  /** For people: 1 to 200 characters. */
  reason?: string | null;
}

export interface Button {
  /** What stands on the button: 1 to 30 characters, counted in code points. */
  caption: string;
  /** Where a tap leads: an http or https URL of at most 2,000 characters. */
  url: string;
}

export interface CreateMessage {
  /** The name that the recipient sees: 1 to 20 characters. Left out: the account's `default_sender`. */
  sender?: string | null;
  /**
   * The phone number with its country code, 7 to 15 digits: `+380…`, `00380…` or `380…`, also with blanks,
   * hyphens, dots or parentheses, or as an integer. Always shown as `+…`.
   */
  recipient: string | number;
  /** The text: 1 to 1,000 characters, counted in code points. */
  text?: string | null;
  /**
   * A picture to show, jpg or png of at most 400 x 400 pixels: an http or https URL of at most 2,000 characters.
   * Promotional only, together with `text` and `button`.
   */
  image_url?: string | null;
  /** A file to send: an http or https URL of at most 2,000 characters. Promotional only, with or without `text`. */
  file_url?: string | null;
  /**
   * The text of an SMS that the provider sends where it cannot deliver by Viber: 1 to 160 letters of the GSM alphabet (of
   * which `^{}[]~|\€` count twice), or 1 to 70 UTF-16 units with any other. Transactional only. It cannot be stopped
   * once the message is sent.
   */
  fallback_sms_text?: string | null;
  /**
   * For how long the message is worth delivering, in seconds: 40 to 259,200 (three days). Counts from the
   * acceptance, or from `send_at`, and covers waiting here and delivery there.
   * Left out: 3,600 for transactional, 86,400 for promotional messages.
   */
  validity_seconds?: number | null;
  /** When to send, in ISO 8601 with an offset: at most 30 days ahead. A time up to a minute in the past is now. */
  send_at?: string | null;
  /** Your own name for the message, 1 to 255 characters. Need not be unique; lists can be filtered by it. */
  client_reference?: string | null;
  /** Your own notes, returned as they are: at most 20 keys of 1 to 40 characters, values of at most 500. */
  metadata?: Record<string, string> | null;
  /** Ties messages together, such as those of one mailing: 1 to 64 characters. */
  group?: string | null;
  /**
   * The provider's message type by its number, for those that do not follow from the content: docs/sending.md
   * has the table.
   */
  provider_message_type?: number | null;
  /** The account to send over. Left out: the only account there is, else the one whose senders hold `sender`. */
  account_id?: string | null;
  /** The button under the picture. Promotional only, together with `text` and `image_url`. */
  button?: Button | null;
  /** What the message is; decides the charge. Left out: the account's `default_category`, else an error. */
  category?: 'promotional' | 'transactional' | null;
  /** Urgent messages go before all others of the account. Left out: normal, which goes before promotional ones. */
  priority?: 'urgent' | 'normal' | null;
  /** Whether the recipient can reply. Left out: no, or what `provider_message_type` says. */
  two_way?: boolean | null;
  /**
   * What to do when nobody knows whether an attempt was sent. `at_most_once`: never try again, show `uncertain`.
   * `at_least_once`: try again, and mark the message `possible_duplicate`.
   * Left out: the account's default, else the tenant's.
   */
  delivery_mode?: 'at_most_once' | 'at_least_once' | null;
}

/**
 * Where the message stands. `uncertain`: it may or may not have been sent, and only evidence can tell.
 * `unresolved`: the provider told no final status within five days. New statuses may appear.
 */
export type MessageStatus = 'scheduled' | 'queued' | 'sending' | 'sent' | 'pending' | 'uncertain' | 'delivered' | 'undelivered' | 'rejected' | 'failed' | 'expired' | 'cancelled' | 'unresolved';

export interface StatusDetail {
  /** Stable code of the reason, from the table in docs/statuses.md; null where the status says it all. */
  code: string | null;
  /** The provider's own status as it came, unknown ones too; null where it said none. */
  provider_status: string | null;
  /** For people; may change. */
  message: string | null;
}

export interface Message {
  /**
   * Where the message stands. `uncertain`: it may or may not have been sent, and only evidence can tell.
   * `unresolved`: the provider told no final status within five days. New statuses may appear.
   */
  status: MessageStatus;
  /** The text, as it was given; null for a file without one. */
  text: string | null;
  /** The picture to show, as it was given. */
  image_url: string | null;
  /** The button under the picture. */
  button: Button | null;
  /** The file to send, as it was given. */
  file_url: string | null;
  /** The text of the SMS that the provider sends where it cannot deliver by Viber. */
  fallback_sms_text: string | null;
  /** What the message is; decides the charge. */
  category: 'promotional' | 'transactional';
  /** Urgent messages go before all others of the account. */
  priority: 'urgent' | 'normal';
  /** The provider's message type that followed from the content. */
  provider_message_type: number;
  /** What happens when nobody knows whether an attempt was sent. */
  delivery_mode: 'at_most_once' | 'at_least_once';
  /** How many times the provider was called to send it, a call under way included. */
  attempts: number;
  /** For how long it is worth delivering, in seconds. */
  validity_seconds: number;
  /** When it was stored. */
  accepted_at: string;
  /** When it should be sent; null for at once. */
  send_at: string | null;
  /** When its validity ends: `validity_seconds` after `accepted_at`, or after `send_at` where there is one. */
  expires_at: string;
  /** When the provider took it, as far as is known. */
  sent_at: string | null;
  /** When we learned the final status; the provider tells no times. */
  final_at: string | null;
  /** What it was delivered by; null while it is not delivered. */
  delivered_via: 'viber' | 'sms' | null;
  /**
   * What became of the SMS in its place: `pending` once Viber has failed, then `delivered`, `expired` or
   * `undeliverable`; null where there is none, or none yet.
   */
  sms_status: 'pending' | 'delivered' | 'expired' | 'undeliverable' | null;
  /** What is behind the status; null where nothing is. */
  status_detail: StatusDetail | null;
  /**
   * What told the final status: a `callback` of the provider, a `poll`, its `answer` to an attempt, what a
   * `former_owner` of the lane had learned, or the `gateway` itself (cancelled, expired, no news any more).
   */
  evidence: 'callback' | 'poll' | 'answer' | 'former_owner' | 'gateway' | null;
  /** The provider's id of the message; a string, as it may be larger than 2^53. */
  provider_message_id: string | null;
  /** Your own name for the message. */
  client_reference: string | null;
  /** Your own notes, in the order of their keys. */
  metadata: Record<string, string> | null;
  /** What ties it to other messages. */
  group: string | null;
  /** The message's id; ids grow with the time of acceptance. */
  id: string;
  /** The account it goes over. */
  account_id: string;
  /**
   * Whether the status stays. Evidence may still correct `uncertain` and `unresolved`, and `delivered` by any attempt
   * wins over every other.
   */
  is_final: boolean;
  /** The recipient's number with its country code. */
  recipient: string;
  /** The name that the recipient sees. */
  sender: string;
  /** Whether the recipient can reply. */
  two_way: boolean;
  /** Whether the recipient may have got it more than once, as it was sent again after an unknown outcome. */
  possible_duplicate: boolean;
}

export interface BatchMessage {
  /** The name that the recipient sees: 1 to 20 characters. Left out: the account's `default_sender`. */
  sender?: string | null;
  /**
   * The phone number with its country code, 7 to 15 digits: `+380…`, `00380…` or `380…`, also with blanks,
   * hyphens, dots or parentheses, or as an integer. Always shown as `+…`.
   */
  recipient: string | number;
  /** The text: 1 to 1,000 characters, counted in code points. */
  text?: string | null;
  /**
   * A picture to show, jpg or png of at most 400 x 400 pixels: an http or https URL of at most 2,000 characters.
   * Promotional only, together with `text` and `button`.
   */
  image_url?: string | null;
  /** A file to send: an http or https URL of at most 2,000 characters. Promotional only, with or without `text`. */
  file_url?: string | null;
  /**
   * The text of an SMS that the provider sends where it cannot deliver by Viber: 1 to 160 letters of the GSM alphabet (of
   * which `^{}[]~|\€` count twice), or 1 to 70 UTF-16 units with any other. Transactional only. It cannot be stopped
   * once the message is sent.
   */
  fallback_sms_text?: string | null;
  /**
   * For how long the message is worth delivering, in seconds: 40 to 259,200 (three days). Counts from the
   * acceptance, or from `send_at`, and covers waiting here and delivery there.
   * Left out: 3,600 for transactional, 86,400 for promotional messages.
   */
  validity_seconds?: number | null;
  /** When to send, in ISO 8601 with an offset: at most 30 days ahead. A time up to a minute in the past is now. */
  send_at?: string | null;
  /** Your own name for the message, 1 to 255 characters. Need not be unique; lists can be filtered by it. */
  client_reference?: string | null;
  /** Your own notes, returned as they are: at most 20 keys of 1 to 40 characters, values of at most 500. */
  metadata?: Record<string, string> | null;
  /** Ties messages together, such as those of one mailing: 1 to 64 characters. */
  group?: string | null;
  /**
   * The provider's message type by its number, for those that do not follow from the content: docs/sending.md
   * has the table.
   */
  provider_message_type?: number | null;
  /**
   * Repeating a message under its key sends it once: 1 to 255 visible ASCII characters, kept for 7 days, in one
   * name space with the Idempotency-Key header.
   */
  idempotency_key?: string | null;
  /** The account to send over. Left out: the only account there is, else the one whose senders hold `sender`. */
  account_id?: string | null;
  /** The button under the picture. Promotional only, together with `text` and `image_url`. */
  button?: Button | null;
  /** What the message is; decides the charge. Left out: the account's `default_category`, else an error. */
  category?: 'promotional' | 'transactional' | null;
  /** Urgent messages go before all others of the account. Left out: normal, which goes before promotional ones. */
  priority?: 'urgent' | 'normal' | null;
  /** Whether the recipient can reply. Left out: no, or what `provider_message_type` says. */
  two_way?: boolean | null;
  /**
   * What to do when nobody knows whether an attempt was sent. `at_most_once`: never try again, show `uncertain`.
   * `at_least_once`: try again, and mark the message `possible_duplicate`.
   * Left out: the account's default, else the tenant's.
   */
  delivery_mode?: 'at_most_once' | 'at_least_once' | null;
}

export interface BatchDefaults {
  /** The name that the recipient sees: 1 to 20 characters. Left out: the account's `default_sender`. */
  sender?: string | null;
  /** The text: 1 to 1,000 characters, counted in code points. */
  text?: string | null;
  /**
   * A picture to show, jpg or png of at most 400 x 400 pixels: an http or https URL of at most 2,000 characters.
   * Promotional only, together with `text` and `button`.
   */
  image_url?: string | null;
  /** A file to send: an http or https URL of at most 2,000 characters. Promotional only, with or without `text`. */
  file_url?: string | null;
  /**
   * The text of an SMS that the provider sends where it cannot deliver by Viber: 1 to 160 letters of the GSM alphabet (of
   * which `^{}[]~|\€` count twice), or 1 to 70 UTF-16 units with any other. Transactional only. It cannot be stopped
   * once the message is sent.
   */
  fallback_sms_text?: string | null;
  /**
   * For how long the message is worth delivering, in seconds: 40 to 259,200 (three days). Counts from the
   * acceptance, or from `send_at`, and covers waiting here and delivery there.
   * Left out: 3,600 for transactional, 86,400 for promotional messages.
   */
  validity_seconds?: number | null;
  /** When to send, in ISO 8601 with an offset: at most 30 days ahead. A time up to a minute in the past is now. */
  send_at?: string | null;
  /** Your own name for the message, 1 to 255 characters. Need not be unique; lists can be filtered by it. */
  client_reference?: string | null;
  /** Your own notes, returned as they are: at most 20 keys of 1 to 40 characters, values of at most 500. */
  metadata?: Record<string, string> | null;
  /** Ties messages together, such as those of one mailing: 1 to 64 characters. */
  group?: string | null;
  /**
   * The provider's message type by its number, for those that do not follow from the content: docs/sending.md
   * has the table.
   */
  provider_message_type?: number | null;
  /** The account to send over. Left out: the only account there is, else the one whose senders hold `sender`. */
  account_id?: string | null;
  /** The button under the picture. Promotional only, together with `text` and `image_url`. */
  button?: Button | null;
  /** What the message is; decides the charge. Left out: the account's `default_category`, else an error. */
  category?: 'promotional' | 'transactional' | null;
  /** Urgent messages go before all others of the account. Left out: normal, which goes before promotional ones. */
  priority?: 'urgent' | 'normal' | null;
  /** Whether the recipient can reply. Left out: no, or what `provider_message_type` says. */
  two_way?: boolean | null;
  /**
   * What to do when nobody knows whether an attempt was sent. `at_most_once`: never try again, show `uncertain`.
   * `at_least_once`: try again, and mark the message `possible_duplicate`.
   * Left out: the account's default, else the tenant's.
   */
  delivery_mode?: 'at_most_once' | 'at_least_once' | null;
}

export interface CreateBatch {
  /** The messages, in the order in which they are queued. */
  messages: BatchMessage[];
  /** Fields for every message that does not give them itself. */
  defaults?: BatchDefaults | null;
}

export interface BatchError {
  /** Stable code of the error; docs/errors.md lists them. */
  code: string;
  /** A few words, the same for each occurrence. */
  title: string;
  /** What happened here, for people; may change. */
  detail: string;
  /** The fields that are to blame, where there are any; pointers start at the request's body. */
  errors?: FieldError[];
}

export interface BatchResult {
  /** Its place in `messages`, from 0. */
  index: number;
  /** The message, stored and queued. */
  id?: string;
  /** Why nothing was stored for it. */
  error?: BatchError;
}

export interface BatchOutcome {
  /** How many messages were accepted, those included that were accepted before under their key. */
  accepted: number;
  /** How many messages were refused; nothing is stored for them. */
  refused: number;
  /** One entry for each message, in their order. */
  results: BatchResult[];
}

export interface MessagePage {
  /**
   * Give it as `cursor` for the next page; null at the end. A page examines a bounded number of messages, so it may be
   * short or empty and still have a next one.
   */
  next_cursor: string | null;
  /** The messages. */
  data: Message[];
}

export interface TimelineEvent {
  /** When it happened, or when we learned of it. */
  at: string;
  /** The status that it told; null where it told none. */
  status: string | null;
  /** Which attempt it concerns, from 1; null where none. */
  attempt: number | null;
  /** Whether the message took the status over; null where that is no question. */
  applied: boolean | null;
  /**
   * Causes and circumstances; the members depend on the type. What an attempt, an expiry or a cancelled message waited
   * for before stands in `waited`, each `reason` with its milliseconds; a `waiting` entry has `reason`, `since` and
   * `ms`. Reasons are `restore_hold`, `tenant_suspended`, `account_paused`, those of a connection's pause (`balance_empty`, …),
   * `no_worker`, those that an account shows as `waiting_for`, and `turn`: others were before it.
   */
  detail: Record<string, unknown> | null;
  /**
   * What happened: `accepted`, `scheduled`, `queued`, `attempt`, `receipt`, `poll`, `retry_scheduled`, `corrected`,
   * `cancelled`, `expired`, `webhook` (an attempt to deliver one of its events) and others. `waiting` is nothing that happened, but what a queued message waits for at the
   * moment of reading: always the last entry, and gone when it goes out. New types may appear.
   */
  type: string;
}

export interface Timeline {
  /** The events, oldest first. */
  data: TimelineEvent[];
}

export interface InboundMessage {
  /** The account that it came over; null while it is not known. */
  account_id: string | null;
  /** The conversation with its recipient and sender; null where it is not known what is answered. */
  conversation_id: string | null;
  /** The sender of the message that it probably answers; null where that is not known. */
  sender: string | null;
  /** What the recipient wrote; null where it was no text. */
  text: string | null;
  /** The last message of ours on the recipient's phone, which it probably answers; null where that is not known. */
  in_reply_to: string | null;
  /**
   * What told whose reply it is. `callback_url`: the message's own URL, to which it came; `tracking_data`: the id that
   * it carried; `recent`: the last two-way message to the number within seven days; `operator`: an operator, by hand.
   * null: it is yours by its connection alone, and waits for an operator to say of which account.
   */
  routed_by: 'callback_url' | 'tracking_data' | 'recent' | 'operator' | null;
  /** When it was written, as the provider says. */
  sent_at: string | null;
  /** When it came here. */
  received_at: string;
  /** The inbound message's id; ids grow with the time of receipt. */
  id: string;
  /** Who wrote it, with the country code. */
  phone_number: string;
  /** The provider's `message_token`, digit by digit: 64 bits wide, and so a string. */
  provider_message_token: string;
}

export interface InboundMessagePage {
  /** Give it as `cursor` for the next page; null at the end. */
  next_cursor: string | null;
  /** The inbound messages. */
  data: InboundMessage[];
}

export interface MessageEventData {
  /**
   * Where the message stands. `uncertain`: it may or may not have been sent, and only evidence can tell.
   * `unresolved`: the provider told no final status within five days. New statuses may appear.
   */
  status: MessageStatus;
  /** The text, as it was given; null for a file without one. */
  text: string | null;
  /** The picture to show, as it was given. */
  image_url: string | null;
  /** The button under the picture. */
  button: Button | null;
  /** The file to send, as it was given. */
  file_url: string | null;
  /** The text of the SMS that the provider sends where it cannot deliver by Viber. */
  fallback_sms_text: string | null;
  /** What the message is; decides the charge. */
  category: 'promotional' | 'transactional';
  /** Urgent messages go before all others of the account. */
  priority: 'urgent' | 'normal';
  /** The provider's message type that followed from the content. */
  provider_message_type: number;
  /** What happens when nobody knows whether an attempt was sent. */
  delivery_mode: 'at_most_once' | 'at_least_once';
  /** How many times the provider was called to send it, a call under way included. */
  attempts: number;
  /** For how long it is worth delivering, in seconds. */
  validity_seconds: number;
  /** When it was stored. */
  accepted_at: string;
  /** When it should be sent; null for at once. */
  send_at: string | null;
  /** When its validity ends: `validity_seconds` after `accepted_at`, or after `send_at` where there is one. */
  expires_at: string;
  /** When the provider took it, as far as is known. */
  sent_at: string | null;
  /** When we learned the final status; the provider tells no times. */
  final_at: string | null;
  /** What it was delivered by; null while it is not delivered. */
  delivered_via: 'viber' | 'sms' | null;
  /**
   * What became of the SMS in its place: `pending` once Viber has failed, then `delivered`, `expired` or
   * `undeliverable`; null where there is none, or none yet.
   */
  sms_status: 'pending' | 'delivered' | 'expired' | 'undeliverable' | null;
  /** What is behind the status; null where nothing is. */
  status_detail: StatusDetail | null;
  /**
   * What told the final status: a `callback` of the provider, a `poll`, its `answer` to an attempt, what a
   * `former_owner` of the lane had learned, or the `gateway` itself (cancelled, expired, no news any more).
   */
  evidence: 'callback' | 'poll' | 'answer' | 'former_owner' | 'gateway' | null;
  /** The provider's id of the message; a string, as it may be larger than 2^53. */
  provider_message_id: string | null;
  /** Your own name for the message. */
  client_reference: string | null;
  /** Your own notes, in the order of their keys. */
  metadata: Record<string, string> | null;
  /** What ties it to other messages. */
  group: string | null;
  /** The status that it had before; null for the first event of a message. */
  previous_status: MessageStatus | null;
  /**
   * The event's position in your feed. Of two events of a message the one with the higher number is the later one, in
   * whatever order they arrive.
   */
  sequence: number;
  /** The message's id; ids grow with the time of acceptance. */
  id: string;
  /** The account it goes over. */
  account_id: string;
  /**
   * Whether the status stays. Evidence may still correct `uncertain` and `unresolved`, and `delivered` by any attempt
   * wins over every other.
   */
  is_final: boolean;
  /** The recipient's number with its country code. */
  recipient: string;
  /** The name that the recipient sees. */
  sender: string;
  /** Whether the recipient can reply. */
  two_way: boolean;
  /** Whether the recipient may have got it more than once, as it was sent again after an unknown outcome. */
  possible_duplicate: boolean;
}

export interface AccountEventData {
  /** How it stood then. `connection_paused`: the provider said so. */
  state: 'active' | 'paused' | 'connection_paused';
  /** Who holds it; null where nobody does. */
  by: 'tenant' | 'operator' | 'provider' | null;
  /** People's words, or the code of what the provider said, as an account shows it. */
  reason: string | null;
  /** Since when nothing goes out; null where it does. */
  since: string | null;
  /** The event's position in your feed. */
  sequence: number;
  /** The account. */
  account_id: string;
}

/** What happened. New types may appear: pass over those that you do not know. */
export type EventType = 'message.queued' | 'message.sent' | 'message.pending' | 'message.delivered' | 'message.undelivered' | 'message.rejected' | 'message.failed' | 'message.expired' | 'message.cancelled' | 'message.uncertain' | 'message.unresolved' | 'message.corrected' | 'inbound.received' | 'account.paused' | 'account.resumed' | 'endpoint.disabled';

export interface FeedEvent {
  /** What happened. New types may appear: pass over those that you do not know. */
  type: EventType;
  /** When it happened, or when we learned of it. */
  timestamp: string;
  /** By the type: the message (`message.*`), the inbound message (`inbound.received`), what holds the account (`account.*`), or the webhook endpoint (`endpoint.disabled`). */
  data: MessageEventData | InboundMessage | AccountEventData | EndpointEventData;
  /** The event's id. A webhook of the same event carries it as `webhook-id`. */
  id: string;
}

export interface EventPage {
  /** The events, oldest first. */
  data: FeedEvent[];
  /**
   * Give it as `after` for what comes next: keep it once you have dealt with the events. Never null; without events it may
   * differ from the one that was given.
   */
  next_cursor: string;
  /**
   * Whether the feed held more at that moment. An answer examines a bounded number of events, so that with `types` it may be
   * empty and still have more behind it.
   */
  has_more: boolean;
}

export interface Conversation {
  /** When it came here. */
  last_inbound_at: string;
  /** When the first reply came. */
  created_at: string;
  /** The conversation's id. */
  id: string;
  /** The recipient's phone number with its country code. */
  recipient: string;
  /** The name that the recipient sees. */
  sender: string;
  /** The account that the newest reply came over, and over which answers to it go. */
  account_id: string;
  /** The newest reply. */
  last_inbound_message_id: string;
}

export interface ConversationList {
  /** Give it as `cursor` for the next page; null at the end. */
  next_cursor: string | null;
  /** The conversations. */
  data: Conversation[];
}

export interface ConversationEntry {
  /** `outbound`: `message` holds it; `inbound`: `inbound_message` does. */
  direction: 'outbound' | 'inbound';
  /** When it was accepted, or came here. */
  at: string;
  /** The message, as it stands now; null for a reply. */
  message: Message | null;
  /** The reply; null for a message. */
  inbound_message: InboundMessage | null;
}

export interface ConversationEntryList {
  /** Give it as `cursor` for the next page; null at the end. */
  next_cursor: string | null;
  /** What was written, in both directions. */
  data: ConversationEntry[];
}

export interface ConversationReply {
  /** The text: 1 to 1,000 characters, counted in code points. */
  text?: string | null;
  /**
   * A picture to show, jpg or png of at most 400 x 400 pixels: an http or https URL of at most 2,000 characters.
   * Promotional only, together with `text` and `button`.
   */
  image_url?: string | null;
  /** A file to send: an http or https URL of at most 2,000 characters. Promotional only, with or without `text`. */
  file_url?: string | null;
  /**
   * The text of an SMS that the provider sends where it cannot deliver by Viber: 1 to 160 letters of the GSM alphabet (of
   * which `^{}[]~|\€` count twice), or 1 to 70 UTF-16 units with any other. Transactional only. It cannot be stopped
   * once the message is sent.
   */
  fallback_sms_text?: string | null;
  /**
   * For how long the message is worth delivering, in seconds: 40 to 259,200 (three days). Counts from the
   * acceptance, or from `send_at`, and covers waiting here and delivery there.
   * Left out: 3,600 for transactional, 86,400 for promotional messages.
   */
  validity_seconds?: number | null;
  /** When to send, in ISO 8601 with an offset: at most 30 days ahead. A time up to a minute in the past is now. */
  send_at?: string | null;
  /** Your own name for the message, 1 to 255 characters. Need not be unique; lists can be filtered by it. */
  client_reference?: string | null;
  /** Your own notes, returned as they are: at most 20 keys of 1 to 40 characters, values of at most 500. */
  metadata?: Record<string, string> | null;
  /** Ties messages together, such as those of one mailing: 1 to 64 characters. */
  group?: string | null;
  /**
   * The provider's message type by its number, for those that do not follow from the content: docs/sending.md
   * has the table.
   */
  provider_message_type?: number | null;
  /** The button under the picture. Promotional only, together with `text` and `image_url`. */
  button?: Button | null;
  /** What the message is; decides the charge. Left out: the account's `default_category`, else an error. */
  category?: 'promotional' | 'transactional' | null;
  /** Urgent messages go before all others of the account. Left out: normal, which goes before promotional ones. */
  priority?: 'urgent' | 'normal' | null;
  /**
   * What to do when nobody knows whether an attempt was sent. `at_most_once`: never try again, show `uncertain`.
   * `at_least_once`: try again, and mark the message `possible_duplicate`.
   * Left out: the account's default, else the tenant's.
   */
  delivery_mode?: 'at_most_once' | 'at_least_once' | null;
}

export interface CreateSuppression {
  /** The phone number with its country code, in any form that a message's recipient takes. */
  recipient: string | number;
  /** What to stop: `promotional` messages only, or `all`. Left out or null: all. */
  category?: 'promotional' | 'all' | null;
  /** Why, in your own words: 1 to 200 characters. */
  reason?: string | null;
}

export interface Suppression {
  /** What is stopped: promotional messages only, or all. */
  category: 'promotional' | 'all';
  /** Why, in the words of whoever entered it; of a stop word the word itself. null where nothing was given. */
  reason: string | null;
  /** How it came here: over the API, from a file, or by a stop word. */
  source: 'api' | 'import' | 'stop_word';
  /** The reply that was a stop word; null for other sources. */
  inbound_message_id: string | null;
  /** When it was entered. */
  created_at: string;
  /** When it was widened from `promotional` to `all`; else as `created_at`. */
  updated_at: string;
  /** The entry's id. */
  id: string;
  /** The phone number with its country code. */
  recipient: string;
}

export interface SuppressionList {
  /** Give it as `cursor` for the next page; null at the end. */
  next_cursor: string | null;
  /** The suppressions. */
  data: Suppression[];
}

export interface RefusedRow {
  /** The line of the file on which the row starts; the first is 1. */
  line: number;
  /** What is wrong, as a stable code. */
  code: string;
  /** What is wrong, in words. */
  detail: string;
}

export interface SuppressionImport {
  /** Rows that the file holds, without its header. */
  rows: number;
  /** Recipients that are entered now and were not before, or in a narrower category. */
  entered: number;
  /** Rows that were not entered, as they are not right. */
  refused: number;
  /** The first 100 of the refused rows. */
  errors: RefusedRow[];
}

export interface StopWords {
  /** What is stopped then. */
  category: 'promotional' | 'all';
  /** When they were set; null where they are the defaults. */
  updated_at: string | null;
  /**
   * A reply that is one of these enters its sender into the suppressions. Case, punctuation, emoji and blanks around it
   * do not count; a reply that says more than the word is none.
   */
  words: string[];
  /** Whether these are the defaults: English, Kazakh, Polish, Romanian, Russian, Spanish and Ukrainian words. */
  is_default: boolean;
}

export interface SetStopWords {
  /**
   * At most 100 words or short sentences, each of 1 to 60 characters with a letter or a digit. Empty: no reply is a stop
   * word. Left out or null: the defaults, with which `category` cannot be given.
   */
  words?: string[] | null;
  /** What a stop word stops: `promotional` messages only, or `all`. Left out or null: all. */
  category?: 'promotional' | 'all' | null;
}

export type ProofVerdict = 'failed' | 'open' | 'proved';

export interface Figure {
  /** By the counters that were written in the transactions that accepted and ended the messages. */
  counted: number;
  /** By the messages as they are found now. */
  found: number;
}

export interface ProofLines {
  /** All that were accepted on that day. */
  accepted: Figure;
  /** Reached the recipient. */
  delivered: Figure;
  /** Not delivered within their validity. */
  undelivered: Figure;
  /** Refused by the provider. */
  rejected: Figure;
  /** An error of the provider’s, or surely not sent. */
  failed: Figure;
  /** Their validity ended before they were sent. */
  expired: Figure;
  /** Taken back before they were sent. */
  cancelled: Figure;
  /** May have been sent or not, and no evidence can come any more. */
  uncertain: Figure;
  /** Sent, without a final status in time. */
  unresolved: Figure;
  /** Counted: what the others leave over. Found: scheduled, queued, on the wire, or followed. */
  open: Figure;
}

/**
 * `message_missing` its row is gone; `status_differs` from its timeline; `event_missing` in its timeline; `nowhere`
 * it has no end, and nobody works on it; `two_places` at once; `counter_differs` and no message explains it.
 * New kinds may appear.
 */
export type MissKind = 'message_missing' | 'status_differs' | 'event_missing' | 'nowhere' | 'two_places' | 'counter_differs';

export interface Miss {
  /**
   * `message_missing` its row is gone; `status_differs` from its timeline; `event_missing` in its timeline; `nowhere`
   * it has no end, and nobody works on it; `two_places` at once; `counter_differs` and no message explains it.
   * New kinds may appear.
   */
  kind: MissKind;
  /** null where no row tells which message it is. */
  message_id: string | null;
  /** The status that the message's row tells; null where it tells none, or is gone. */
  status: string | null;
  /** The end that its timeline tells; null for none. */
  status_by_timeline: string | null;
  /** The event that is missing, the places that know the message, or the line that differs. */
  detail: string | null;
}

export interface ProofChange {
  /** Since when the verdict was this one. */
  at: string;
  /** What it was from then on. */
  verdict: ProofVerdict;
}

export interface Reconciliation {
  /** The UTC day on which its messages were accepted. */
  day: string;
  /**
   * `open`: it adds up so far, and some messages have no end yet. `proved`: it adds up, and all have one. `failed`: it
   * does not add up.
   */
  verdict: ProofVerdict;
  /** Callbacks about messages that are not there. */
  orphaned_callbacks: number;
  /** Messages on the wire for longer than a lease and a grace: nobody has settled them. */
  open_intents: number;
  /** Messages without an end of which the provider will tell nothing any more within six hours. */
  leaving_window: number;
  /** Everything that is amiss; 1,000 at most. */
  miss_count: number;
  /** How often the day was proved. */
  checks: number;
  /** When the day was proved first. */
  first_checked_at: string;
  /** When it was proved last. */
  checked_at: string;
  /** When it is proved again; null: settled, or its messages are no longer kept. */
  next_check_at: string | null;
  /** Whose day it is. */
  tenant_id: string;
  /** All that was accepted, and what became of it. */
  figures: ProofLines;
  /** In a list the first 100; the single day shows all. */
  misses: Miss[];
  /** The last changes of the verdict, the oldest first; 20 at most. */
  history: ProofChange[];
}

export interface ReconciliationList {
  /** For the next page; null on the last one. */
  next_cursor: string | null;
  /** The days of this page. */
  data: Reconciliation[];
}

/** `gone`: it answered 410. `failing`: it took nothing for five days. */
export type WebhookDisabledReason = 'gone' | 'failing' | 'by_tenant';

export interface EndpointEventData {
  /** `gone`: it answered 410. `failing`: it took nothing for five days. */
  reason: WebhookDisabledReason;
  /** When it was disabled. */
  disabled_at: string;
  /** The event's position in your feed. */
  sequence: number;
  /** The endpoint. */
  endpoint_id: string;
  /** Where it was. */
  url: string;
}

export interface CreateWebhookEndpoint {
  /**
   * What is delivered. Left out or null: the ends of messages, `message.uncertain`, `message.corrected`,
   * `inbound.received`, `account.*` and `endpoint.disabled`; those that a later release adds to them, too.
   */
  events?: EventType[] | null;
  /**
   * Only what concerns these accounts, at most 100. Left out or null: all of the tenant's, later ones too, and what
   * concerns none; for a key that is restricted to accounts, the key's.
   */
  account_ids?: string[] | null;
  /** For people: 1 to 200 characters. */
  description?: string | null;
  /**
   * Where to deliver: https on port 443 or 8443 at a public address, without a user and a fragment, at most 2,048
   * characters. The operator may allow others.
   */
  url: string;
}

/** Whether anything is delivered to it. */
export type WebhookEndpointStatus = 'enabled' | 'disabled';

export interface CreatedWebhookEndpoint {
  /** What is delivered. */
  events: EventType[];
  /** The accounts that it hears of; null for all, and for what concerns none. */
  account_ids: string[] | null;
  /** For people. */
  description: string | null;
  /** Whether anything is delivered to it. */
  status: WebhookEndpointStatus;
  /**
   * `gone`: it answered 410. `failing`: it took nothing for five days. `by_tenant`: it was disabled over the API. null
   * while it is enabled.
   */
  disabled_reason: WebhookDisabledReason | null;
  /** When it was disabled; null while it is enabled. */
  disabled_at: string | null;
  /** Since when it has taken nothing; null where its last delivery went well. After five days it is disabled. */
  failing_since: string | null;
  /** When it was made. */
  created_at: string;
  /** When one of its fields last changed. */
  updated_at: string;
  /** What signs its deliveries, as Standard Webhooks has it: `whsec_` and base64. Shown this once. */
  secret: string;
  /** Names the endpoint. */
  id: string;
  /** Where it is. */
  url: string;
}

export interface WebhookEndpoint {
  /** What is delivered. */
  events: EventType[];
  /** The accounts that it hears of; null for all, and for what concerns none. */
  account_ids: string[] | null;
  /** For people. */
  description: string | null;
  /** Whether anything is delivered to it. */
  status: WebhookEndpointStatus;
  /**
   * `gone`: it answered 410. `failing`: it took nothing for five days. `by_tenant`: it was disabled over the API. null
   * while it is enabled.
   */
  disabled_reason: WebhookDisabledReason | null;
  /** When it was disabled; null while it is enabled. */
  disabled_at: string | null;
  /** Since when it has taken nothing; null where its last delivery went well. After five days it is disabled. */
  failing_since: string | null;
  /** When it was made. */
  created_at: string;
  /** When one of its fields last changed. */
  updated_at: string;
  /** Names the endpoint. */
  id: string;
  /** Where it is. */
  url: string;
}

export interface WebhookEndpointList {
  /** For the next page; null on the last one. */
  next_cursor: string | null;
  /** The endpoints of this page. */
  data: WebhookEndpoint[];
}

export interface UpdateWebhookEndpoint {
  /**
   * What is delivered. Left out or null: the ends of messages, `message.uncertain`, `message.corrected`,
   * `inbound.received`, `account.*` and `endpoint.disabled`; those that a later release adds to them, too.
   */
  events?: EventType[] | null;
  /**
   * Only what concerns these accounts, at most 100. Left out or null: all of the tenant's, later ones too, and what
   * concerns none; for a key that is restricted to accounts, the key's.
   */
  account_ids?: string[] | null;
  /** For people: 1 to 200 characters. */
  description?: string | null;
  /** Where to deliver from now on, what waits included: as when the endpoint is made. */
  url?: string;
  /**
   * `disabled` stops deliveries: what happens meanwhile is not kept for the endpoint, but can be replayed. `enabled` lets
   * what waits go on.
   */
  status?: WebhookEndpointStatus;
}

export interface WebhookAttempt {
  /** When it ended. */
  at: string;
  /** The status of the answer; null where none came. */
  http_status: number | null;
  /**
   * Why there was no answer, or why it does not count: `timeout`, `connect`, `tls`, `reset`, `unreadable_answer`, `redirect`,
   * `http_status`, or the reason of `url_not_allowed`; null where it went well. New codes may appear.
   */
  error: string | null;
  /** How long it took, in milliseconds. */
  duration_ms: number;
  /** The first 1,024 bytes of the answer; null where none came. */
  answer: string | null;
}

export interface WebhookTest {
  /** Whether the endpoint took it: with a status from 200 to 299, within ten seconds. */
  delivered: boolean;
  /** The `webhook-id` that it had. */
  id: string;
  /** How it went. */
  attempt: WebhookAttempt;
}

export interface RotateSecret {
  /** How long the secrets before it sign beside the new one, in seconds: 0 to 604,800 (7 days). */
  overlap_seconds?: number;
}

export interface RotatedSecret {
  /** Until when the secrets before it sign as well; null where there is none. */
  previous_secret_expires_at: string | null;
  /** The secret that signs from now on. Shown this once. */
  secret: string;
}

export type WebhookDeliveryStatus = 'pending' | 'delivered' | 'failed';

export interface WebhookDelivery {
  /** What happened. */
  type: EventType;
  /** The message that it tells of; null where it tells of none. */
  message_id: string | null;
  /** `pending` waits for its first or next attempt, `failed` has used up its ten. */
  status: WebhookDeliveryStatus;
  /** Attempts so far, since it was last asked for. */
  attempts: number;
  /** When it is tried next at the earliest; null where it is not. */
  next_attempt_at: string | null;
  /** null before the first attempt has ended. */
  last_attempt: WebhookAttempt | null;
  /** When the event came to be delivered. */
  created_at: string;
  /** The `webhook-id` of all its attempts: that of the event. */
  id: string;
}

export interface WebhookDeliveryList {
  /** For the next page; null on the last one. */
  next_cursor: string | null;
  /** The deliveries of this page. */
  data: WebhookDelivery[];
}

export interface ReplayWebhooks {
  /** Events from this time on: ISO 8601 with an offset, at most 30 days back. */
  since: string;
  /** Events before this time: ISO 8601 with an offset. */
  until: string;
  /** Only these. Left out: what the endpoint gets. */
  types?: EventType[];
}

export interface ReplayedWebhooks {
  /** Events that are due again now, each under its `webhook-id` of before. What waits already is not counted. */
  events: number;
}
