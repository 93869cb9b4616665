-- Made by `npm run generate`; `npm run check` fails when it differs from the code.

-- Roles

create role tyrian login noinherit;
create role tyrian_ingest nologin noinherit;
create role tyrian_operator nologin noinherit;
create role tyrian_owner login createrole;
create role tyrian_tenant nologin noinherit;
create role tyrian_worker nologin noinherit;

-- Memberships

grant tyrian_ingest to tyrian;
grant tyrian_operator to tyrian;
grant tyrian_tenant to tyrian;
grant tyrian_worker to tyrian;

-- Sequences

create sequence callback_keys_id_seq;
create sequence schema_migrations_id_seq;

-- Tables

create table accounts (
  tenant_id uuid not null,
  id uuid not null,
  connection_id uuid not null,
  name text not null,
  senders text[] default '{}'::text[] not null,
  default_sender text,
  default_category text,
  default_delivery_mode text,
  created_at timestamp with time zone default app_clock() not null,
  updated_at timestamp with time zone default app_clock() not null,
  deleted_at timestamp with time zone,
  when_paused text default 'hold'::text not null,
  managed boolean default false not null,
  constraint accounts_category_check CHECK ((default_category = ANY (ARRAY['promotional'::text, 'transactional'::text]))),
  constraint accounts_connection_fkey FOREIGN KEY (connection_id) REFERENCES connections(id),
  constraint accounts_delivery_mode_check CHECK ((default_delivery_mode = ANY (ARRAY['at_most_once'::text, 'at_least_once'::text]))),
  constraint accounts_pkey PRIMARY KEY (tenant_id, id),
  constraint accounts_tenant_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id),
  constraint accounts_when_paused_check CHECK ((when_paused = ANY (ARRAY['hold'::text, 'reject'::text])))
);
alter table accounts enable row level security;

create table api_keys (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  prefix text not null,
  secret_hash bytea not null,
  scopes text[] not null,
  account_ids uuid[],
  expires_at timestamp with time zone,
  revoked_at timestamp with time zone,
  replaced_by uuid,
  last_used_at timestamp with time zone,
  created_at timestamp with time zone default app_clock() not null,
  constraint api_keys_pkey PRIMARY KEY (tenant_id, id),
  constraint api_keys_prefix_key UNIQUE (prefix),
  constraint api_keys_tenant_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id)
);
alter table api_keys enable row level security;

create table audit_log (
  tenant_id uuid not null,
  id uuid not null,
  at timestamp with time zone default app_clock() not null,
  actor_kind text not null,
  actor_id text not null,
  action text not null,
  object_kind text not null,
  object_id text not null,
  before jsonb,
  after jsonb,
  request_id text,
  constraint audit_log_pkey PRIMARY KEY (tenant_id, id)
);
alter table audit_log enable row level security;

create table awaiting (
  tenant_id uuid not null,
  message_id uuid not null,
  account_id uuid not null,
  class smallint not null,
  pos uuid not null,
  status text not null,
  attempt smallint not null,
  maybe_sent boolean default false not null,
  provider_message_id text,
  provider_status text,
  status_code text,
  sent_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  poll_line smallint,
  next_poll_at timestamp with time zone,
  polls smallint default 0 not null,
  window_ends_at timestamp with time zone not null,
  retry_at timestamp with time zone,
  provider_attempt smallint,
  constraint awaiting_lane_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES lanes(tenant_id, account_id),
  constraint awaiting_pkey PRIMARY KEY (tenant_id, message_id),
  constraint awaiting_status_check CHECK ((status = ANY (ARRAY['sent'::text, 'pending'::text, 'uncertain'::text])))
) with (fillfactor=70);
alter table awaiting enable row level security;

create table callback_keys (
  id smallint generated always as identity not null,
  sealed_key text not null,
  created_at timestamp with time zone default app_clock() not null,
  retired_at timestamp with time zone,
  constraint callback_keys_pkey PRIMARY KEY (id)
);

create table connection_states (
  fingerprint bytea not null,
  epoch bigint default 1 not null,
  paused_at timestamp with time zone,
  pause_reason text,
  rate double precision default 5 not null,
  learned_limit double precision,
  decreased_at timestamp with time zone,
  not_before timestamp with time zone,
  probe_until timestamp with time zone,
  probe_by uuid,
  updated_at timestamp with time zone default app_clock() not null,
  constraint connection_states_pause_check CHECK (((paused_at IS NULL) = (pause_reason IS NULL))),
  constraint connection_states_pkey PRIMARY KEY (fingerprint),
  constraint connection_states_rate_check CHECK ((rate > (0)::double precision))
);
alter table connection_states enable row level security;

create table connections (
  id uuid not null,
  tenant_id uuid,
  name text not null,
  sealed_key text not null,
  key_version integer default 1 not null,
  fingerprint bytea not null,
  max_per_second double precision,
  key_verdict text default 'unchecked'::text not null,
  key_checked_at timestamp with time zone,
  created_at timestamp with time zone default app_clock() not null,
  updated_at timestamp with time zone default app_clock() not null,
  constraint connections_max_check CHECK ((max_per_second > (0)::double precision)),
  constraint connections_pkey PRIMARY KEY (id),
  constraint connections_state_fkey FOREIGN KEY (fingerprint) REFERENCES connection_states(fingerprint),
  constraint connections_tenant_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id),
  constraint connections_verdict_check CHECK ((key_verdict = ANY (ARRAY['unchecked'::text, 'plausible'::text, 'refused'::text, 'unreachable'::text])))
);
alter table connections enable row level security;

create table conversations (
  tenant_id uuid not null,
  id uuid not null,
  recipient text not null,
  sender text not null,
  account_id uuid not null,
  last_inbound_id uuid not null,
  last_inbound_at timestamp with time zone not null,
  created_at timestamp with time zone default app_clock() not null,
  constraint conversations_parties_key UNIQUE (tenant_id, recipient, sender),
  constraint conversations_pkey PRIMARY KEY (tenant_id, id)
) with (fillfactor=80);
alter table conversations enable row level security;

create table daily_counts (
  tenant_id uuid not null,
  day date not null,
  process_id uuid not null,
  accepted bigint default 0 not null,
  delivered bigint default 0 not null,
  undelivered bigint default 0 not null,
  rejected bigint default 0 not null,
  failed bigint default 0 not null,
  expired bigint default 0 not null,
  cancelled bigint default 0 not null,
  uncertain bigint default 0 not null,
  unresolved bigint default 0 not null,
  constraint daily_counts_pkey PRIMARY KEY (tenant_id, day, process_id)
) with (fillfactor=50);
alter table daily_counts enable row level security;

create table drift (
  id uuid not null,
  place text not null,
  kind text not null,
  detail text not null,
  times bigint not null,
  first_at timestamp with time zone not null,
  last_at timestamp with time zone not null,
  sample text,
  told_on date,
  constraint drift_key UNIQUE (place, kind, detail),
  constraint drift_pkey PRIMARY KEY (id)
) with (fillfactor=70);
alter table drift enable row level security;

create table dropin_callbacks (
  tenant_id uuid not null,
  id uuid not null,
  message_id uuid not null,
  url text not null,
  origin text not null,
  body text not null,
  attempts smallint default 0 not null,
  next_at timestamp with time zone default app_clock() not null,
  constraint dropin_callbacks_pkey PRIMARY KEY (tenant_id, id)
) with (fillfactor=70);
alter table dropin_callbacks enable row level security;

create table dropin_messages (
  tenant_id uuid not null,
  number bigint not null,
  message_id uuid not null,
  callback_url text,
  constraint dropin_messages_pkey PRIMARY KEY (tenant_id, number)
);
alter table dropin_messages enable row level security;

create table dropin_numbers (
  id smallint default 1 not null,
  next bigint default 1 not null,
  leapt_for timestamp with time zone,
  constraint dropin_numbers_exact CHECK ((next < '9007199254740992'::bigint)),
  constraint dropin_numbers_pkey PRIMARY KEY (id),
  constraint dropin_numbers_single CHECK ((id = 1))
);
alter table dropin_numbers enable row level security;

create table events (
  tenant_id uuid not null,
  message_id uuid not null,
  id uuid not null,
  at timestamp with time zone not null,
  type text not null,
  status text,
  attempt smallint,
  applied boolean,
  detail jsonb,
  constraint events_pkey PRIMARY KEY (tenant_id, message_id, id)
) partition by RANGE (message_id);
alter table events enable row level security;

create table feed (
  tenant_id uuid not null,
  "position" bigint not null,
  id uuid not null,
  at timestamp with time zone not null,
  type text not null,
  message_id uuid,
  account_id uuid,
  snapshot jsonb,
  constraint feed_pkey PRIMARY KEY (tenant_id, "position", id)
) partition by RANGE (id);
alter table feed enable row level security;

create table feed_positions (
  tenant_id uuid not null,
  "position" bigint default 0 not null,
  constraint feed_positions_pkey PRIMARY KEY (tenant_id)
) with (fillfactor=50);
alter table feed_positions enable row level security;

create table idempotency_keys (
  tenant_id uuid not null,
  key text not null,
  body_hash bytea not null,
  message_id uuid,
  results jsonb,
  created_at timestamp with time zone default app_clock() not null,
  constraint idempotency_keys_pkey PRIMARY KEY (tenant_id, key)
);
alter table idempotency_keys enable row level security;

create table inbound_messages (
  tenant_id uuid not null,
  id uuid not null,
  connection_id uuid not null,
  account_id uuid,
  message_token text not null,
  phone_number text not null,
  text text,
  tracking_data text,
  sent_at timestamp with time zone,
  received_at timestamp with time zone default app_clock() not null,
  in_reply_to uuid,
  routed_by text,
  times integer default 1 not null,
  raw jsonb,
  sender text,
  conversation_id uuid,
  constraint inbound_messages_pkey PRIMARY KEY (tenant_id, id),
  constraint inbound_messages_token_key UNIQUE (tenant_id, connection_id, message_token)
);
alter table inbound_messages enable row level security;

create table inbound_tokens (
  connection_id uuid not null,
  message_token text not null,
  id uuid not null,
  times integer default 1 not null,
  received_at timestamp with time zone default app_clock() not null,
  constraint inbound_tokens_pkey PRIMARY KEY (connection_id, message_token)
) with (fillfactor=80);
alter table inbound_tokens enable row level security;

create table inbound_unrouted (
  id uuid not null,
  connection_id uuid not null,
  message_token text not null,
  phone_number text not null,
  text text,
  tracking_data text,
  sent_at timestamp with time zone,
  received_at timestamp with time zone not null,
  raw jsonb,
  constraint inbound_unrouted_pkey PRIMARY KEY (id)
);
alter table inbound_unrouted enable row level security;

create table installation (
  id smallint default 1 not null,
  identity uuid default gen_random_uuid() not null,
  fingerprint_secret text,
  created_at timestamp with time zone default app_clock() not null,
  system_identifier text,
  timeline bigint,
  database_oid bigint,
  marked_at timestamp with time zone,
  held_at timestamp with time zone,
  held_because text,
  held_reason text,
  difference jsonb,
  restored_work_at timestamp with time zone,
  constraint installation_held_because_check CHECK ((held_because = ANY (ARRAY['marks_differ'::text, 'operator'::text, 'after_restore'::text]))),
  constraint installation_held_check CHECK (((held_at IS NULL) = (held_because IS NULL))),
  constraint installation_pkey PRIMARY KEY (id),
  constraint installation_single CHECK ((id = 1))
);

create table intents (
  tenant_id uuid not null,
  id uuid not null,
  account_id uuid not null,
  token bigint not null,
  epoch bigint not null,
  owner uuid not null,
  message_ids uuid[] not null,
  attempts smallint[] not null,
  created_at timestamp with time zone default app_clock() not null,
  constraint intents_pkey PRIMARY KEY (tenant_id, id)
);
alter table intents enable row level security;

create table lanes (
  tenant_id uuid not null,
  account_id uuid not null,
  connection_id uuid not null,
  weight smallint default 1 not null,
  owner uuid,
  token bigint default 0 not null,
  has_work boolean default false not null,
  active_since timestamp with time zone,
  paused_at timestamp with time zone,
  paused_by text,
  pause_reason text,
  report jsonb,
  hand_over_from uuid,
  probe_asked_at timestamp with time zone,
  constraint lanes_account_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES accounts(tenant_id, id),
  constraint lanes_connection_fkey FOREIGN KEY (connection_id) REFERENCES connections(id),
  constraint lanes_paused_by_check CHECK ((paused_by = ANY (ARRAY['tenant'::text, 'operator'::text, 'both'::text, 'deletion'::text]))),
  constraint lanes_paused_check CHECK (((paused_at IS NULL) = (paused_by IS NULL))),
  constraint lanes_pkey PRIMARY KEY (tenant_id, account_id),
  constraint lanes_weight_check CHECK (((weight >= 1) AND (weight <= 1000)))
) with (fillfactor=60);
alter table lanes enable row level security;

create table messages (
  tenant_id uuid not null,
  id uuid not null,
  account_id uuid not null,
  api_key_id uuid,
  accepted_at timestamp with time zone not null,
  sender text not null,
  recipient text not null,
  category text not null,
  class smallint not null,
  two_way boolean not null,
  provider_message_type integer not null,
  delivery_mode text not null,
  text text,
  image_url text,
  button_caption text,
  button_url text,
  file_url text,
  fallback_sms_text text,
  validity_seconds integer not null,
  send_at timestamp with time zone,
  expires_at timestamp with time zone not null,
  client_reference text,
  group_name text,
  metadata jsonb,
  request_id text,
  status text,
  final_at timestamp with time zone,
  provider_status text,
  provider_message_id text,
  status_code text,
  status_message text,
  evidence text,
  attempts smallint,
  possible_duplicate boolean default false not null,
  constraint messages_category_check CHECK ((category = ANY (ARRAY['promotional'::text, 'transactional'::text]))),
  constraint messages_class_check CHECK (((class >= 0) AND (class <= 2))),
  constraint messages_delivery_mode_check CHECK ((delivery_mode = ANY (ARRAY['at_most_once'::text, 'at_least_once'::text]))),
  constraint messages_final_check CHECK (((status IS NULL) = (final_at IS NULL))),
  constraint messages_pkey PRIMARY KEY (tenant_id, id),
  constraint messages_status_check CHECK ((status = ANY (ARRAY['delivered'::text, 'undelivered'::text, 'rejected'::text, 'failed'::text, 'expired'::text, 'cancelled'::text, 'uncertain'::text, 'unresolved'::text])))
) partition by RANGE (id);
alter table messages enable row level security;

create table outbox (
  tenant_id uuid not null,
  id uuid not null,
  at timestamp with time zone not null,
  type text not null,
  message_id uuid,
  account_id uuid,
  snapshot jsonb,
  constraint outbox_pkey PRIMARY KEY (id, tenant_id)
);
alter table outbox enable row level security;

create table outgoing (
  tenant_id uuid not null,
  message_id uuid not null,
  account_id uuid not null,
  class smallint not null,
  pos uuid not null,
  attempt smallint default 1 not null,
  maybe_sent boolean default false not null,
  expires_at timestamp with time zone not null,
  group_name text,
  constraint outgoing_lane_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES lanes(tenant_id, account_id),
  constraint outgoing_pkey PRIMARY KEY (tenant_id, message_id)
) with (fillfactor=80);
alter table outgoing enable row level security;

create table provider_ids (
  tenant_id uuid not null,
  provider_message_id text not null,
  message_id uuid not null,
  constraint provider_ids_pkey PRIMARY KEY (tenant_id, provider_message_id, message_id)
);
alter table provider_ids enable row level security;

create table receipts (
  tenant_id uuid not null,
  message_id uuid not null,
  attempt smallint not null,
  provider_status text not null,
  account_id uuid not null,
  provider_message_id text,
  times integer default 1 not null,
  first_at timestamp with time zone default app_clock() not null,
  last_at timestamp with time zone default app_clock() not null,
  folded boolean default false not null,
  fold_after timestamp with time zone default app_clock() not null,
  orphaned boolean default false not null,
  constraint receipts_pkey PRIMARY KEY (tenant_id, message_id, attempt, provider_status)
) with (fillfactor=70);
alter table receipts enable row level security;

create table reconciliations (
  tenant_id uuid not null,
  day date not null,
  verdict text default 'unchecked'::text not null,
  figures jsonb,
  misses jsonb default '[]'::jsonb not null,
  miss_count integer default 0 not null,
  checks integer default 0 not null,
  first_checked_at timestamp with time zone,
  checked_at timestamp with time zone,
  history jsonb default '[]'::jsonb not null,
  next_check_at timestamp with time zone default app_clock(),
  claimed_by uuid,
  claimed_until timestamp with time zone,
  constraint reconciliations_pkey PRIMARY KEY (tenant_id, day),
  constraint reconciliations_verdict_check CHECK ((verdict = ANY (ARRAY['unchecked'::text, 'open'::text, 'proved'::text, 'failed'::text])))
) with (fillfactor=70);
alter table reconciliations enable row level security;

create table scheduled (
  tenant_id uuid not null,
  message_id uuid not null,
  account_id uuid not null,
  class smallint not null,
  due_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  constraint scheduled_lane_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES lanes(tenant_id, account_id),
  constraint scheduled_pkey PRIMARY KEY (tenant_id, message_id)
);
alter table scheduled enable row level security;

create table schema_migrations (
  id integer default nextval('schema_migrations_id_seq'::regclass) not null,
  "timestamp" bigint not null,
  name character varying not null,
  constraint "PK_62441bec32630ced9e4cccae336" PRIMARY KEY (id)
);

create table stop_words (
  tenant_id uuid not null,
  words text[] not null,
  category text default 'all'::text not null,
  updated_at timestamp with time zone default app_clock() not null,
  constraint stop_words_category_check CHECK ((category = ANY (ARRAY['promotional'::text, 'all'::text]))),
  constraint stop_words_pkey PRIMARY KEY (tenant_id),
  constraint stop_words_tenant_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id)
);
alter table stop_words enable row level security;

create table suppressions (
  tenant_id uuid not null,
  id uuid not null,
  recipient text not null,
  category text default 'all'::text not null,
  reason text,
  source text not null,
  inbound_message_id uuid,
  created_at timestamp with time zone default app_clock() not null,
  updated_at timestamp with time zone default app_clock() not null,
  constraint suppressions_category_check CHECK ((category = ANY (ARRAY['promotional'::text, 'all'::text]))),
  constraint suppressions_pkey PRIMARY KEY (tenant_id, id),
  constraint suppressions_recipient_key UNIQUE (tenant_id, recipient),
  constraint suppressions_source_check CHECK ((source = ANY (ARRAY['api'::text, 'import'::text, 'stop_word'::text])))
);
alter table suppressions enable row level security;

create table tenants (
  id uuid not null,
  name text not null,
  external_id text,
  status text default 'active'::text not null,
  default_delivery_mode text default 'at_most_once'::text not null,
  suspended_at timestamp with time zone,
  created_at timestamp with time zone default app_clock() not null,
  updated_at timestamp with time zone default app_clock() not null,
  constraint tenants_delivery_mode_check CHECK ((default_delivery_mode = ANY (ARRAY['at_most_once'::text, 'at_least_once'::text]))),
  constraint tenants_external_id_key UNIQUE (external_id),
  constraint tenants_pkey PRIMARY KEY (id),
  constraint tenants_status_check CHECK ((status = ANY (ARRAY['active'::text, 'suspended'::text])))
);
alter table tenants enable row level security;

create table two_way_recent (
  tenant_id uuid not null,
  connection_id uuid not null,
  recipient text not null,
  account_id uuid not null,
  message_id uuid not null,
  sent_at timestamp with time zone not null,
  constraint two_way_recent_pkey PRIMARY KEY (tenant_id, connection_id, recipient)
) with (fillfactor=70);
alter table two_way_recent enable row level security;

create table usage_counts (
  tenant_id uuid not null,
  day date not null,
  account_id uuid not null,
  type text not null,
  count bigint default 0 not null,
  constraint usage_counts_pkey PRIMARY KEY (tenant_id, day, account_id, type)
) with (fillfactor=50);
alter table usage_counts enable row level security;

create table webhook_deliveries (
  tenant_id uuid not null,
  endpoint_id uuid not null,
  event_id uuid not null,
  "position" bigint not null,
  type text not null,
  message_id uuid,
  status text default 'pending'::text not null,
  attempts smallint default 0 not null,
  due_at timestamp with time zone default app_clock(),
  created_at timestamp with time zone default app_clock() not null,
  last_at timestamp with time zone,
  last_status smallint,
  last_error text,
  last_ms integer,
  last_answer text,
  constraint webhook_deliveries_due_check CHECK (((status = 'pending'::text) = (due_at IS NOT NULL))),
  constraint webhook_deliveries_pkey PRIMARY KEY (tenant_id, endpoint_id, event_id),
  constraint webhook_deliveries_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'delivered'::text, 'failed'::text])))
);
alter table webhook_deliveries enable row level security;

create table webhook_endpoints (
  tenant_id uuid not null,
  id uuid not null,
  url text not null,
  events text[],
  account_ids uuid[],
  description text,
  status text default 'enabled'::text not null,
  disabled_reason text,
  disabled_at timestamp with time zone,
  created_at timestamp with time zone default app_clock() not null,
  updated_at timestamp with time zone default app_clock() not null,
  constraint webhook_endpoints_disabled_check CHECK (((status = 'disabled'::text) = ((disabled_at IS NOT NULL) AND (disabled_reason IS NOT NULL)))),
  constraint webhook_endpoints_pkey PRIMARY KEY (tenant_id, id),
  constraint webhook_endpoints_reason_check CHECK ((disabled_reason = ANY (ARRAY['gone'::text, 'failing'::text, 'by_tenant'::text]))),
  constraint webhook_endpoints_status_check CHECK ((status = ANY (ARRAY['enabled'::text, 'disabled'::text]))),
  constraint webhook_endpoints_tenant_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id)
);
alter table webhook_endpoints enable row level security;

create table webhook_lines (
  tenant_id uuid not null,
  endpoint_id uuid not null,
  next_at timestamp with time zone,
  not_before timestamp with time zone,
  failures integer default 0 not null,
  failing_since timestamp with time zone,
  constraint webhook_lines_endpoint_fkey FOREIGN KEY (tenant_id, endpoint_id) REFERENCES webhook_endpoints(tenant_id, id) ON DELETE CASCADE,
  constraint webhook_lines_pkey PRIMARY KEY (tenant_id, endpoint_id)
) with (fillfactor=50);
alter table webhook_lines enable row level security;

create table webhook_secrets (
  tenant_id uuid not null,
  endpoint_id uuid not null,
  version integer not null,
  sealed_secret text not null,
  created_at timestamp with time zone default app_clock() not null,
  expires_at timestamp with time zone,
  constraint webhook_secrets_endpoint_fkey FOREIGN KEY (tenant_id, endpoint_id) REFERENCES webhook_endpoints(tenant_id, id) ON DELETE CASCADE,
  constraint webhook_secrets_pkey PRIMARY KEY (tenant_id, endpoint_id, version)
);
alter table webhook_secrets enable row level security;

create table workers (
  id uuid not null,
  version text not null,
  started_at timestamp with time zone default app_clock() not null,
  heartbeat_at timestamp with time zone default app_clock() not null,
  lost_at timestamp with time zone,
  lease_ms integer not null,
  clock_offset_ms double precision,
  lanes integer default 0 not null,
  constraint workers_pkey PRIMARY KEY (id)
);


-- Indexes that no constraint makes

CREATE INDEX accounts_connection_idx ON accounts USING btree (connection_id);
CREATE INDEX audit_log_id_idx ON audit_log USING btree (id);
CREATE INDEX awaiting_poll_idx ON awaiting USING btree (account_id, poll_line, next_poll_at) WHERE (poll_line IS NOT NULL);
CREATE INDEX awaiting_retry_idx ON awaiting USING btree (account_id, retry_at) WHERE (retry_at IS NOT NULL);
CREATE INDEX awaiting_window_idx ON awaiting USING btree (window_ends_at);
CREATE INDEX connections_fingerprint_idx ON connections USING btree (fingerprint);
CREATE INDEX connections_tenant_idx ON connections USING btree (tenant_id);
CREATE INDEX conversations_newest_idx ON conversations USING btree (tenant_id, last_inbound_id);
CREATE INDEX daily_counts_day_idx ON daily_counts USING btree (day);
CREATE INDEX dropin_callbacks_due_idx ON dropin_callbacks USING btree (next_at);
CREATE INDEX dropin_callbacks_message_idx ON dropin_callbacks USING btree (tenant_id, message_id, id);
CREATE INDEX dropin_messages_age_idx ON dropin_messages USING brin (message_id);
CREATE INDEX dropin_messages_message_idx ON dropin_messages USING btree (tenant_id, message_id);
CREATE INDEX idempotency_keys_age_idx ON idempotency_keys USING brin (created_at);
CREATE INDEX inbound_messages_number_idx ON inbound_messages USING btree (tenant_id, phone_number, id);
CREATE INDEX inbound_messages_unrouted_idx ON inbound_messages USING btree (id) WHERE (routed_by IS NULL);
CREATE INDEX inbound_tokens_age_idx ON inbound_tokens USING brin (received_at);
CREATE INDEX intents_lane_idx ON intents USING btree (account_id);
CREATE INDEX lanes_at_work_idx ON lanes USING btree (owner) WHERE (has_work OR (owner IS NOT NULL));
CREATE INDEX messages_client_reference_idx ON ONLY messages USING btree (tenant_id, client_reference, id) WHERE (client_reference IS NOT NULL);
CREATE INDEX messages_recipient_idx ON ONLY messages USING btree (tenant_id, recipient, id);
CREATE INDEX outgoing_expiry_idx ON outgoing USING btree (expires_at);
CREATE INDEX outgoing_line_idx ON outgoing USING btree (account_id, class, pos);
CREATE INDEX provider_ids_age_idx ON provider_ids USING brin (message_id);
CREATE INDEX receipts_age_idx ON receipts USING brin (first_at);
CREATE INDEX receipts_orphaned_idx ON receipts USING btree (tenant_id, message_id) WHERE orphaned;
CREATE INDEX receipts_unfolded_idx ON receipts USING btree (fold_after) WHERE (NOT folded);
CREATE INDEX reconciliations_checked_idx ON reconciliations USING btree (checked_at) WHERE (checked_at IS NOT NULL);
CREATE INDEX reconciliations_due_idx ON reconciliations USING btree (next_check_at) WHERE (next_check_at IS NOT NULL);
CREATE INDEX reconciliations_failed_idx ON reconciliations USING btree (miss_count) WHERE (verdict = 'failed'::text);
CREATE INDEX reconciliations_worst_idx ON reconciliations USING btree (((verdict = 'failed'::text)) DESC, day DESC, tenant_id DESC);
CREATE INDEX scheduled_due_idx ON scheduled USING btree (due_at);
CREATE INDEX two_way_recent_age_idx ON two_way_recent USING brin (sent_at);
CREATE INDEX two_way_recent_number_idx ON two_way_recent USING btree (connection_id, recipient);
CREATE INDEX webhook_deliveries_age_idx ON webhook_deliveries USING brin (created_at);
CREATE INDEX webhook_deliveries_line_idx ON webhook_deliveries USING btree (tenant_id, endpoint_id, due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX webhook_deliveries_open_idx ON webhook_deliveries USING btree (tenant_id, endpoint_id, event_id) WHERE (status <> 'delivered'::text);
CREATE INDEX webhook_lines_next_idx ON webhook_lines USING btree (next_at) WHERE (next_at IS NOT NULL);

-- Row level security

create policy accounts_changed_by_tenant on accounts for update to tyrian_tenant
  using (((tenant_id = current_tenant()) AND (NOT managed)))
  with check (((tenant_id = current_tenant()) AND (NOT managed) AND (EXISTS ( SELECT 1
   FROM connections c
  WHERE ((c.id = accounts.connection_id) AND (c.tenant_id = current_tenant()))))));
create policy accounts_made_by_tenant on accounts for insert to tyrian_tenant
  using ()
  with check (((tenant_id = current_tenant()) AND (NOT managed) AND (EXISTS ( SELECT 1
   FROM connections c
  WHERE ((c.id = accounts.connection_id) AND (c.tenant_id = current_tenant()))))));
create policy accounts_of_system on accounts for all to tyrian_ingest, tyrian_operator, tyrian_worker
  using (true)
  with check (true);
create policy accounts_seen_by_tenant on accounts for select to tyrian_tenant
  using ((tenant_id = current_tenant()))
  with check ();
create policy api_keys_of_system on api_keys for all to tyrian_ingest, tyrian_operator, tyrian_worker
  using (true)
  with check (true);
create policy api_keys_of_tenant on api_keys for all to tyrian_tenant
  using ((tenant_id = current_tenant()))
  with check ((tenant_id = current_tenant()));
create policy audit_log_of_system on audit_log for all to tyrian_ingest, tyrian_operator, tyrian_worker
  using (true)
  with check (true);
create policy audit_log_of_tenant on audit_log for all to tyrian_tenant
  using ((tenant_id = current_tenant()))
  with check ((tenant_id = current_tenant()));
create policy awaiting_of_system on awaiting for all to tyrian_ingest, tyrian_operator, tyrian_worker
  using (true)
  with check (true);
create policy awaiting_of_tenant on awaiting for all to tyrian_tenant
  using ((tenant_id = current_tenant()))
  with check ((tenant_id = current_tenant()));
create policy connection_states_changed_by_tenant on connection_states for update to tyrian_tenant
  using ((EXISTS ( SELECT 1
   FROM connections c
  WHERE ((c.fingerprint = connection_states.fingerprint) AND (c.tenant_id = current_tenant())))))
  with check ();
create policy connection_states_made_by_tenant on connection_states for insert to tyrian_tenant
  using ()
  with check (true);
create policy connection_states_of_system on connection_states for all to tyrian_ingest, tyrian_operator, tyrian_worker
  using (true)
  with check (true);
create policy connection_states_seen_by_tenant on connection_states for select to tyrian_tenant
  using ((EXISTS ( SELECT 1
   FROM connections c
  WHERE (c.fingerprint = connection_states.fingerprint))))
  with check ();
create policy connections_changed_by_tenant on connections for update to tyrian_tenant
  using ((tenant_id = current_tenant()))
  with check ((tenant_id = current_tenant()));
create policy connections_made_by_tenant on connections for insert to tyrian_tenant
  using ()
  with check ((tenant_id = current_tenant()));
create policy connections_of_system on connections for all to tyrian_ingest, tyrian_operator, tyrian_worker
  using (true)
  with check (true);
create policy connections_seen_by_tenant on connections for select to tyrian_tenant
  using (((tenant_id = current_tenant()) OR ((tenant_id IS NULL) AND (EXISTS ( SELECT 1
   FROM accounts a
  WHERE ((a.connection_id = connections.id) AND (a.tenant_id = current_tenant())))))))
  with check ();
create policy conversations_of_system on conversations for all to tyrian_ingest, tyrian_operator, tyrian_worker
  using (true)
  with check (true);
create policy conversations_of_tenant on conversations for all to tyrian_tenant
  using ((tenant_id = current_tenant()))
  with check ((tenant_id = current_tenant()));
create policy daily_counts_of_system on daily_counts for all to tyrian_ingest, tyrian_operator, tyrian_worker
  using (true)
  with check (true);
create policy daily_counts_of_tenant on daily_counts for all to tyrian_tenant
  using ((tenant_id = current_tenant()))
  with check ((tenant_id = current_tenant()));
create policy drift_of_system on drift for all to tyrian_operator, tyrian_worker
  using (true)
  with check (true);
create policy dropin_callbacks_of_system on dropin_callbacks for all to tyrian_operator, tyrian_worker
  using (true)
  with check (true);
create policy dropin_callbacks_of_tenant on dropin_callbacks for all to tyrian_tenant
  using ((tenant_id = current_tenant()))
  with check ();
create policy dropin_messages_of_system on dropin_messages for all to tyrian_ingest, tyrian_operator, tyrian_worker
  using (true)
  with check (true);
create policy dropin_messages_of_tenant on dropin_messages for all to tyrian_tenant
  using ((tenant_id = current_tenant()))
  with check ();
create policy dropin_numbers_of_system on dropin_numbers for all to tyrian_ingest
  using (true)
  with check (true);
create policy events_of_system on events for all to tyrian_ingest, tyrian_operator, tyrian_worker
  using (true)
  with check (true);
create policy events_of_tenant on events for all to tyrian_tenant
  using ((tenant_id = current_tenant()))
  with check ((tenant_id = current_tenant()));
create policy feed_of_system on feed for all to tyrian_ingest, tyrian_operator, tyrian_worker
  using (true)
  with check (true);
create policy feed_of_tenant on feed for all to tyrian_tenant
  using ((tenant_id = current_tenant()))
  with check ((tenant_id = current_tenant()));
create policy feed_positions_of_system on feed_positions for all to tyrian_ingest, tyrian_operator, tyrian_worker
  using (true)
  with check (true);
create policy feed_positions_of_tenant on feed_positions for all to tyrian_tenant
  using ((tenant_id = current_tenant()))
  with check ((tenant_id = current_tenant()));
create policy idempotency_keys_of_system on idempotency_keys for all to tyrian_ingest, tyrian_operator, tyrian_worker
  using (true)
  with check (true);
create policy idempotency_keys_of_tenant on idempotency_keys for all to tyrian_tenant
  using ((tenant_id = current_tenant()))
  with check ((tenant_id = current_tenant()));
create policy inbound_messages_of_system on inbound_messages for all to tyrian_ingest, tyrian_operator, tyrian_worker
  using (true)
  with check (true);
create policy inbound_messages_of_tenant on inbound_messages for all to tyrian_tenant
  using ((tenant_id = current_tenant()))
  with check ((tenant_id = current_tenant()));
create policy inbound_tokens_of_system on inbound_tokens for all to tyrian_ingest, tyrian_operator, tyrian_worker
  using (true)
  with check (true);
create policy inbound_unrouted_of_system on inbound_unrouted for all to tyrian_ingest, tyrian_operator, tyrian_worker
  using (true)
  with check (true);
create policy intents_of_system on intents for all to tyrian_ingest, tyrian_operator, tyrian_worker
  using (true)
  with check (true);
create policy intents_of_tenant on intents for all to tyrian_tenant
  using ((tenant_id = current_tenant()))
  with check ((tenant_id = current_tenant()));
create policy lanes_changed_by_tenant on lanes for update to tyrian_tenant
  using ((tenant_id = current_tenant()))
  with check ((tenant_id = current_tenant()));
create policy lanes_made_by_tenant on lanes for insert to tyrian_tenant
  using ()
  with check (((tenant_id = current_tenant()) AND (EXISTS ( SELECT 1
   FROM connections c
  WHERE ((c.id = lanes.connection_id) AND (c.tenant_id = current_tenant()))))));
create policy lanes_of_system on lanes for all to tyrian_ingest, tyrian_operator, tyrian_worker
  using (true)
  with check (true);
create policy lanes_seen_by_tenant on lanes for select to tyrian_tenant
  using ((tenant_id = current_tenant()))
  with check ();
create policy messages_of_system on messages for all to tyrian_ingest, tyrian_operator, tyrian_worker
  using (true)
  with check (true);
create policy messages_of_tenant on messages for all to tyrian_tenant
  using ((tenant_id = current_tenant()))
  with check ((tenant_id = current_tenant()));
create policy outbox_of_system on outbox for all to tyrian_ingest, tyrian_operator, tyrian_worker
  using (true)
  with check (true);
create policy outbox_of_tenant on outbox for all to tyrian_tenant
  using ((tenant_id = current_tenant()))
  with check ((tenant_id = current_tenant()));
create policy outgoing_of_system on outgoing for all to tyrian_ingest, tyrian_operator, tyrian_worker
  using (true)
  with check (true);
create policy outgoing_of_tenant on outgoing for all to tyrian_tenant
  using ((tenant_id = current_tenant()))
  with check ((tenant_id = current_tenant()));
create policy provider_ids_of_system on provider_ids for all to tyrian_ingest, tyrian_operator, tyrian_worker
  using (true)
  with check (true);
create policy provider_ids_of_tenant on provider_ids for all to tyrian_tenant
  using ((tenant_id = current_tenant()))
  with check ((tenant_id = current_tenant()));
create policy receipts_of_system on receipts for all to tyrian_ingest, tyrian_operator, tyrian_worker
  using (true)
  with check (true);
create policy receipts_of_tenant on receipts for all to tyrian_tenant
  using ((tenant_id = current_tenant()))
  with check ((tenant_id = current_tenant()));
create policy reconciliations_of_system on reconciliations for all to tyrian_operator, tyrian_worker
  using (true)
  with check (true);
create policy reconciliations_of_tenant on reconciliations for all to tyrian_tenant
  using ((tenant_id = current_tenant()))
  with check ();
create policy scheduled_of_system on scheduled for all to tyrian_ingest, tyrian_operator, tyrian_worker
  using (true)
  with check (true);
create policy scheduled_of_tenant on scheduled for all to tyrian_tenant
  using ((tenant_id = current_tenant()))
  with check ((tenant_id = current_tenant()));
create policy stop_words_of_system on stop_words for all to tyrian_ingest, tyrian_operator, tyrian_worker
  using (true)
  with check (true);
create policy stop_words_of_tenant on stop_words for all to tyrian_tenant
  using ((tenant_id = current_tenant()))
  with check ((tenant_id = current_tenant()));
create policy suppressions_of_system on suppressions for all to tyrian_ingest, tyrian_operator, tyrian_worker
  using (true)
  with check (true);
create policy suppressions_of_tenant on suppressions for all to tyrian_tenant
  using ((tenant_id = current_tenant()))
  with check ((tenant_id = current_tenant()));
create policy tenants_of_system on tenants for all to tyrian_ingest, tyrian_operator, tyrian_worker
  using (true)
  with check (true);
create policy tenants_of_tenant on tenants for all to tyrian_tenant
  using ((id = current_tenant()))
  with check ();
create policy two_way_recent_of_system on two_way_recent for all to tyrian_ingest, tyrian_operator, tyrian_worker
  using (true)
  with check (true);
create policy two_way_recent_of_tenant on two_way_recent for all to tyrian_tenant
  using ((tenant_id = current_tenant()))
  with check ((tenant_id = current_tenant()));
create policy usage_counts_of_system on usage_counts for all to tyrian_ingest, tyrian_operator, tyrian_worker
  using (true)
  with check (true);
create policy usage_counts_of_tenant on usage_counts for all to tyrian_tenant
  using ((tenant_id = current_tenant()))
  with check ((tenant_id = current_tenant()));
create policy webhook_deliveries_of_system on webhook_deliveries for all to tyrian_operator, tyrian_worker
  using (true)
  with check (true);
create policy webhook_deliveries_of_tenant on webhook_deliveries for all to tyrian_tenant
  using ((tenant_id = current_tenant()))
  with check ((tenant_id = current_tenant()));
create policy webhook_endpoints_of_system on webhook_endpoints for all to tyrian_operator, tyrian_worker
  using (true)
  with check (true);
create policy webhook_endpoints_of_tenant on webhook_endpoints for all to tyrian_tenant
  using ((tenant_id = current_tenant()))
  with check ((tenant_id = current_tenant()));
create policy webhook_lines_of_system on webhook_lines for all to tyrian_operator, tyrian_worker
  using (true)
  with check (true);
create policy webhook_lines_of_tenant on webhook_lines for all to tyrian_tenant
  using ((tenant_id = current_tenant()))
  with check ((tenant_id = current_tenant()));
create policy webhook_secrets_of_system on webhook_secrets for all to tyrian_operator, tyrian_worker
  using (true)
  with check (true);
create policy webhook_secrets_of_tenant on webhook_secrets for all to tyrian_tenant
  using ((tenant_id = current_tenant()))
  with check ((tenant_id = current_tenant()));

-- Functions

CREATE OR REPLACE FUNCTION public.app_clock()
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$ select statement_timestamp() $function$
;

CREATE OR REPLACE FUNCTION public.compare_marks(timeline_may_change boolean, OUT verdict text, OUT held_since timestamp with time zone, OUT difference jsonb, OUT unreadable text[])
 RETURNS record
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  present record;
  stored record;
  act text;
begin
  select * into present from present_marks();
  select * into stored from installation where id = 1;
  held_since := stored.held_at;
  select
    jsonb_agg(jsonb_build_object('mark', m.mark, 'stored', m.stored, 'present', m.present) order by m.mark) filter (where m.stored <> m.present),
    coalesce(array_agg(m.mark order by m.mark) filter (where m.present is null), '{}'),
    case when bool_or(m.stored is null and m.present is not null) then 'marked' else 'same' end
  into difference, unreadable, verdict
  from (values
    ('system_identifier', stored.system_identifier, present.system_identifier),
    ('timeline', stored.timeline::text, present.timeline::text),
    ('database_oid', stored.database_oid::text, present.database_oid::text)) as m (mark, stored, present);

  if difference is null then
    if verdict = 'marked' then
      update installation i set
        system_identifier = coalesce(i.system_identifier, present.system_identifier),
        timeline = coalesce(i.timeline, present.timeline),
        database_oid = coalesce(i.database_oid, present.database_oid),
        marked_at = app_clock()
      where i.id = 1;
    end if;
    return;
  end if;

  if timeline_may_change and jsonb_array_length(difference) = 1 and difference #>> '{0,mark}' = 'timeline' then
    verdict := 'timeline_accepted';
    update installation i set timeline = present.timeline, marked_at = app_clock()
    where i.id = 1 and i.timeline is distinct from present.timeline;
    act := 'installation.timeline_accepted';
  else
    verdict := 'differ';
    -- Data of an installation that was on hold itself are held anew: what it accepted meanwhile came with them.
    update installation i set held_at = app_clock(), held_because = 'marks_differ', held_reason = null,
      difference = compare_marks.difference, restored_work_at = null
    where i.id = 1 and (i.held_because is distinct from 'marks_differ' or not i.difference @> compare_marks.difference)
    returning i.held_at into held_since;
    act := 'installation.held';
  end if;
  -- Somebody else was faster, or it is known already.
  if not found then
    select i.held_at into held_since from installation i where i.id = 1;
    return;
  end if;
  if verdict = 'differ' then
    update workers w set lost_at = app_clock() where w.lost_at is null;
  end if;
  insert into audit_log (tenant_id, id, actor_kind, actor_id, action, object_kind, object_id, after)
  values ('00000000-0000-0000-0000-000000000000',
    overlay(uuid_v7_floor(app_clock())::text placing right(gen_random_uuid()::text, 22) from 15)::uuid,
    'system', 'restore_guard', act, 'installation', stored.identity, jsonb_build_object('difference', difference));
end
$function$
;

CREATE OR REPLACE FUNCTION public.current_tenant()
 RETURNS uuid
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$ select nullif(current_setting('tyrian.tenant_id', true), '')::uuid $function$
;

CREATE OR REPLACE FUNCTION public.drop_old_partition(keep_messages_after timestamp with time zone, keep_feed_after timestamp with time zone)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  part record;
  ends_at timestamptz;
  busy boolean;
begin
  perform pg_advisory_xact_lock(hashtext('tyrian.partitions'));
  set local lock_timeout = '200ms';
  for part in
    select c.relname as child, p.relname as parent
    from pg_inherits i
    join pg_class c on c.oid = i.inhrelid
    join pg_class p on p.oid = i.inhparent
    where p.relname in ('messages', 'events', 'feed') and p.relnamespace = 'public'::regnamespace
      and c.relname ~ '_\d{8}$'
    order by right(c.relname, 8), c.relname
  loop
    ends_at := (to_date(right(part.child, 8), 'YYYYMMDD')::timestamp at time zone 'UTC') + interval '1 week';
    continue when ends_at > case part.parent when 'feed' then keep_feed_after else keep_messages_after end;
    if part.parent <> 'feed' then
      select exists (select 1 from outgoing where message_id < uuid_v7_floor(ends_at))
          or exists (select 1 from scheduled where message_id < uuid_v7_floor(ends_at))
          or exists (select 1 from awaiting where message_id < uuid_v7_floor(ends_at))
          or exists (select 1 from outbox where message_id < uuid_v7_floor(ends_at))
        into busy;
      continue when busy;
    end if;
    execute format('drop table %I', part.child);
    return part.child;
  end loop;
  return null;
end
$function$
;

CREATE OR REPLACE FUNCTION public.make_partitions(weeks_ahead integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  parent text;
  key_column text;
  week timestamptz;
  lower_id uuid;
  upper_id uuid;
  child text;
  made integer := 0;
begin
  perform pg_advisory_xact_lock(hashtext('tyrian.partitions'));
  -- Attaching asks for the catch-all partition alone: what comes behind must not wait for long. It is tried again.
  set local lock_timeout = '200ms';
  foreach parent in array array['messages', 'events', 'feed'] loop
    key_column := case parent when 'events' then 'message_id' else 'id' end;
    for week in
      select date_trunc('week', app_clock() at time zone 'UTC') at time zone 'UTC' + n * interval '1 week'
      from generate_series(-1, weeks_ahead) as n
    loop
      child := parent || '_' || to_char(week at time zone 'UTC', 'YYYYMMDD');
      continue when to_regclass('public.' || child) is not null;
      lower_id := uuid_v7_floor(week);
      upper_id := uuid_v7_floor(week + interval '1 week');
      begin
        execute format('create table %I (like %I including defaults including constraints including storage)', child, parent);
        if parent = 'messages' then
          execute format('alter table %I set (fillfactor = 70)', child);
        end if;
        execute format('alter table %I add constraint %I check (%I >= %L and %I < %L)',
          child, child || '_range', key_column, lower_id, key_column, upper_id);
        execute format('alter table %I attach partition %I for values from (%L) to (%L)', parent, child, lower_id, upper_id);
        execute format('alter table %I drop constraint %I', child, child || '_range');
        execute format('alter table %I enable row level security', child);
        made := made + 1;
      exception when check_violation then
        raise warning 'the partition % is not made: rows of its week lie in %_default', child, parent;
      end;
    end loop;
  end loop;
  return made;
end
$function$
;

CREATE OR REPLACE FUNCTION public.new_event_id()
 RETURNS uuid
 LANGUAGE sql
AS $function$ select (left(uuid_v7_floor(app_clock())::text, 15) || substr(gen_random_uuid()::text, 16))::uuid $function$
;

CREATE OR REPLACE FUNCTION public.partition_horizon(OUT horizon timestamp with time zone, OUT strays bigint)
 RETURNS record
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  select (to_date(max(right(c.relname, 8)), 'YYYYMMDD')::timestamp at time zone 'UTC') + interval '1 week'
    into horizon
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'messages'::regclass and c.relname ~ '_\d{8}$';
  select (select count(*) from messages_default) + (select count(*) from events_default) + (select count(*) from feed_default)
    into strays;
end
$function$
;

CREATE OR REPLACE FUNCTION public.present_marks(OUT system_identifier text, OUT timeline bigint, OUT database_oid bigint)
 RETURNS record
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  begin
    select c.system_identifier::text into present_marks.system_identifier from pg_control_system() c;
  exception when insufficient_privilege or undefined_function or feature_not_supported then
    null;
  end;
  begin
    present_marks.timeline := ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint;
  exception when insufficient_privilege or undefined_function or feature_not_supported or object_not_in_prerequisite_state then
    null;
  end;
  select d.oid::bigint into present_marks.database_oid from pg_database d where d.datname = current_database();
end
$function$
;

CREATE OR REPLACE FUNCTION public.scheduled_pos(due_at timestamp with time zone, message_id uuid)
 RETURNS uuid
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    select (left(uuid_v7_floor(due_at)::text, 14) || '7' || substr(h, 4, 3) ||
      to_hex((b'10' || ('x' || substr(h, 7, 6))::bit(24) || ('x' || substr(h, 15, 2))::bit(8)
        || substring(('x' || substr(h, 17, 8))::bit(32) from 3))::bit(64)::bigint))::uuid
    from replace(message_id::text, '-', '') as h
  $function$
;

CREATE OR REPLACE FUNCTION public.status_rank(status text)
 RETURNS smallint
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    select (case status
      when 'uncertain' then 1 when 'sent' then 2 when 'pending' then 3 when 'unresolved' then 10
      when 'expired' then 11 when 'cancelled' then 11
      when 'undelivered' then 12 when 'rejected' then 12 when 'failed' then 12
      when 'delivered' then 13 else 0 end)::smallint
  $function$
;

CREATE OR REPLACE FUNCTION public.tell_account_pause(tenant uuid, account uuid, state text, held_by text, reason text, since timestamp with time zone)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
    insert into outbox (tenant_id, id, at, type, account_id, snapshot)
    values (tenant, new_event_id(), app_clock(),
      case when since is null then 'account.resumed' else 'account.paused' end, account,
      jsonb_build_object('state', state, 'pause', case when since is not null
        then jsonb_build_object('by', held_by, 'reason', reason, 'since', since) end))
  $function$
;

CREATE OR REPLACE FUNCTION public.tell_pause_of_key()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  perform tell_account_pause(a.tenant_id, a.id, case when new.paused_at is null then 'active' else 'connection_paused' end,
    'provider', new.pause_reason, new.paused_at)
  from connections c
  join accounts a on a.connection_id = c.id and a.deleted_at is null
  join lanes l on l.tenant_id = a.tenant_id and l.account_id = a.id and l.paused_at is null
  where c.fingerprint = new.fingerprint
  order by a.tenant_id, a.id;
  return null;
end
$function$
;

CREATE OR REPLACE FUNCTION public.tell_pause_of_lane()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  perform tell_account_pause(new.tenant_id, new.account_id, case when new.paused_at is null then 'active' else 'paused' end,
    case when new.paused_by = 'tenant' then 'tenant' else 'operator' end, new.pause_reason, new.paused_at)
  from connections c join connection_states s on s.fingerprint = c.fingerprint
  where c.id = new.connection_id and s.paused_at is null;
  return null;
end
$function$
;

CREATE OR REPLACE FUNCTION public.uuid_v7_floor(at timestamp with time zone)
 RETURNS uuid
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    select (lpad(to_hex(floor(extract(epoch from at) * 1000)::bigint), 12, '0') || '70008000000000000000')::uuid
  $function$
;

CREATE OR REPLACE FUNCTION public.uuid_v7_time(id uuid)
 RETURNS timestamp with time zone
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
    select to_timestamp((('x' || lpad(translate(left(id::text, 13), '-', ''), 16, '0'))::bit(64)::bigint) / 1000.0)
  $function$
;


-- Triggers

CREATE TRIGGER tell_pause AFTER UPDATE OF paused_at ON connection_states FOR EACH ROW WHEN (((old.paused_at IS NULL) <> (new.paused_at IS NULL))) EXECUTE FUNCTION tell_pause_of_key();
CREATE TRIGGER tell_pause AFTER UPDATE OF paused_at ON lanes FOR EACH ROW WHEN ((((old.paused_at IS NULL) <> (new.paused_at IS NULL)) AND (new.paused_by IS DISTINCT FROM 'deletion'::text))) EXECUTE FUNCTION tell_pause_of_lane();

-- Rights on tables

grant select on accounts to tyrian_ingest;
grant insert, select, update on accounts to tyrian_operator;
grant insert, select, update on accounts to tyrian_tenant;
grant select on accounts to tyrian_worker;
grant select on api_keys to tyrian_ingest;
grant insert, select, update on api_keys to tyrian_operator;
grant insert, select, update on api_keys to tyrian_tenant;
grant insert, select on audit_log to tyrian_operator;
grant insert, select on audit_log to tyrian_tenant;
grant select on awaiting to tyrian_operator;
grant delete, insert, select, update on awaiting to tyrian_tenant;
grant delete, insert, select, update on awaiting to tyrian_worker;
grant select on callback_keys to tyrian_ingest;
grant insert, select, update on callback_keys to tyrian_operator;
grant select on callback_keys to tyrian_worker;
grant insert, select, update on connection_states to tyrian_operator;
grant insert, select on connection_states to tyrian_tenant;
grant insert, select, update on connection_states to tyrian_worker;
grant insert, select, update on connections to tyrian_operator;
grant insert, update on connections to tyrian_tenant;
grant select on connections to tyrian_worker;
grant insert, select on conversations to tyrian_ingest;
grant insert, select on conversations to tyrian_operator;
grant select on conversations to tyrian_tenant;
grant insert, select, update on daily_counts to tyrian_ingest;
grant select on daily_counts to tyrian_operator;
grant insert, select, update on daily_counts to tyrian_tenant;
grant insert, select, update on daily_counts to tyrian_worker;
grant select on drift to tyrian_operator;
grant insert, select, update on drift to tyrian_worker;
grant delete, insert, select, update on dropin_callbacks to tyrian_worker;
grant insert on dropin_messages to tyrian_ingest;
grant select on dropin_messages to tyrian_tenant;
grant delete, select on dropin_messages to tyrian_worker;
grant select, update on dropin_numbers to tyrian_ingest;
grant insert on events to tyrian_ingest;
grant insert, select on events to tyrian_tenant;
grant insert, select on events to tyrian_worker;
grant select on feed to tyrian_tenant;
grant insert, select on feed to tyrian_worker;
grant select on feed_positions to tyrian_operator;
grant select on feed_positions to tyrian_tenant;
grant insert, select, update on feed_positions to tyrian_worker;
grant insert, select on idempotency_keys to tyrian_ingest;
grant select on idempotency_keys to tyrian_tenant;
grant delete, select on idempotency_keys to tyrian_worker;
grant insert on inbound_messages to tyrian_ingest;
grant insert on inbound_messages to tyrian_operator;
grant select on inbound_messages to tyrian_tenant;
grant select on inbound_messages to tyrian_worker;
grant insert, select on inbound_tokens to tyrian_ingest;
grant delete, select on inbound_tokens to tyrian_worker;
grant insert on inbound_unrouted to tyrian_ingest;
grant delete, select on inbound_unrouted to tyrian_operator;
grant delete, select on inbound_unrouted to tyrian_worker;
grant select on installation to tyrian_ingest;
grant insert, select, update on installation to tyrian_operator;
grant select on installation to tyrian_worker;
grant select on intents to tyrian_operator;
grant select on intents to tyrian_tenant;
grant delete, insert, select, update on intents to tyrian_worker;
grant insert, select, update on lanes to tyrian_operator;
grant insert, select on lanes to tyrian_tenant;
grant select, update on lanes to tyrian_worker;
grant insert on messages to tyrian_ingest;
grant select on messages to tyrian_tenant;
grant select on messages to tyrian_worker;
grant insert on outbox to tyrian_ingest;
grant insert, select on outbox to tyrian_operator;
grant insert on outbox to tyrian_tenant;
grant delete, insert, select, update on outbox to tyrian_worker;
grant insert on outgoing to tyrian_ingest;
grant select on outgoing to tyrian_operator;
grant delete, insert, select, update on outgoing to tyrian_tenant;
grant delete, insert, select, update on outgoing to tyrian_worker;
grant select on provider_ids to tyrian_ingest;
grant insert, select on provider_ids to tyrian_tenant;
grant delete, insert, select on provider_ids to tyrian_worker;
grant insert, select, update on receipts to tyrian_ingest;
grant select on receipts to tyrian_operator;
grant select on receipts to tyrian_tenant;
grant delete, insert, select, update on receipts to tyrian_worker;
grant select on reconciliations to tyrian_operator;
grant select on reconciliations to tyrian_tenant;
grant insert, select, update on reconciliations to tyrian_worker;
grant insert on scheduled to tyrian_ingest;
grant select on scheduled to tyrian_operator;
grant delete, insert, select, update on scheduled to tyrian_tenant;
grant delete, insert, select, update on scheduled to tyrian_worker;
grant select on schema_migrations to tyrian_ingest;
grant select on schema_migrations to tyrian_operator;
grant select on schema_migrations to tyrian_worker;
grant select on stop_words to tyrian_ingest;
grant select on stop_words to tyrian_operator;
grant delete, insert, select, update on stop_words to tyrian_tenant;
grant insert, select on suppressions to tyrian_ingest;
grant insert, select on suppressions to tyrian_operator;
grant delete, insert, select, update on suppressions to tyrian_tenant;
grant select on tenants to tyrian_ingest;
grant insert, select, update on tenants to tyrian_operator;
grant select on tenants to tyrian_tenant;
grant select on tenants to tyrian_worker;
grant select on two_way_recent to tyrian_ingest;
grant delete, insert, select, update on two_way_recent to tyrian_worker;
grant select on usage_counts to tyrian_operator;
grant select on usage_counts to tyrian_tenant;
grant insert, select, update on usage_counts to tyrian_worker;
grant insert, select, update on webhook_deliveries to tyrian_tenant;
grant delete, insert, select, update on webhook_deliveries to tyrian_worker;
grant delete, insert, select, update on webhook_endpoints to tyrian_tenant;
grant select on webhook_endpoints to tyrian_worker;
grant select on webhook_lines to tyrian_operator;
grant delete, insert, select, update on webhook_lines to tyrian_tenant;
grant select, update on webhook_lines to tyrian_worker;
grant delete, insert, select, update on webhook_secrets to tyrian_tenant;
grant select on webhook_secrets to tyrian_worker;
grant select on workers to tyrian_operator;
grant delete, insert, select, update on workers to tyrian_worker;

-- Rights on columns

grant update (last_used_at) on api_keys to tyrian_ingest;
grant select (fingerprint, paused_at, pause_reason) on connection_states to tyrian_ingest;
grant update (epoch, paused_at, pause_reason, rate, learned_limit, not_before, probe_until, probe_by, updated_at) on connection_states to tyrian_tenant;
grant select (id, tenant_id, fingerprint) on connections to tyrian_ingest;
grant select (id, tenant_id, name, key_version, fingerprint, max_per_second, key_verdict, key_checked_at, created_at, updated_at) on connections to tyrian_tenant;
grant update (key_verdict, key_checked_at) on connections to tyrian_worker;
grant update (account_id, last_inbound_id, last_inbound_at) on conversations to tyrian_ingest;
grant update (account_id, last_inbound_id, last_inbound_at) on conversations to tyrian_operator;
grant select (tenant_id, id, connection_id, account_id, message_token, times) on inbound_messages to tyrian_ingest;
grant update (times) on inbound_messages to tyrian_ingest;
grant select (tenant_id, id, connection_id, account_id, message_token, phone_number, sent_at, received_at, routed_by) on inbound_messages to tyrian_operator;
grant update (account_id, routed_by, sender, conversation_id) on inbound_messages to tyrian_operator;
grant update (account_id, in_reply_to, routed_by) on inbound_messages to tyrian_worker;
grant update (times) on inbound_tokens to tyrian_ingest;
grant select (id, held_at, held_because, restored_work_at) on installation to tyrian_tenant;
grant select (tenant_id, account_id, connection_id, weight, has_work, paused_at, paused_by, pause_reason) on lanes to tyrian_ingest;
grant update (has_work, active_since) on lanes to tyrian_ingest;
grant update (has_work, paused_at, paused_by, pause_reason) on lanes to tyrian_tenant;
grant select (tenant_id, id, account_id, sender, recipient) on messages to tyrian_ingest;
grant select (tenant_id, id, account_id, accepted_at, class, expires_at, status, final_at) on messages to tyrian_operator;
grant update (status, final_at, provider_status, provider_message_id, status_code, status_message, evidence, attempts, possible_duplicate) on messages to tyrian_tenant;
grant update (status, final_at, provider_status, provider_message_id, status_code, status_message, evidence, attempts, possible_duplicate) on messages to tyrian_worker;
grant select (tenant_id, message_id) on outgoing to tyrian_ingest;
grant select (tenant_id, message_id) on scheduled to tyrian_ingest;
grant update (category, reason, source, inbound_message_id, updated_at) on suppressions to tyrian_ingest;
grant update (category, reason, source, inbound_message_id, updated_at) on suppressions to tyrian_operator;
grant update (name, default_delivery_mode, updated_at) on tenants to tyrian_tenant;
grant select (tenant_id, id, status, disabled_reason, disabled_at) on webhook_endpoints to tyrian_operator;
grant update (status, disabled_reason, disabled_at, updated_at) on webhook_endpoints to tyrian_worker;
grant select (sealed_secret) on webhook_secrets to tyrian_operator;

-- Rights on functions

grant execute on function app_clock() to public;
grant execute on function compare_marks(boolean) to tyrian_worker;
grant execute on function current_tenant() to public;
grant execute on function drop_old_partition(timestamp with time zone,timestamp with time zone) to tyrian_worker;
grant execute on function make_partitions(integer) to tyrian_worker;
grant execute on function new_event_id() to public;
grant execute on function partition_horizon() to tyrian_operator;
grant execute on function partition_horizon() to tyrian_worker;
grant execute on function present_marks() to tyrian_operator;
grant execute on function scheduled_pos(timestamp with time zone,uuid) to public;
grant execute on function status_rank(text) to public;
grant execute on function tell_pause_of_key() to public;
grant execute on function tell_pause_of_lane() to public;
grant execute on function uuid_v7_floor(timestamp with time zone) to public;
grant execute on function uuid_v7_time(uuid) to public;
