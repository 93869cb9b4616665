-- The whole first schema. Forward only; read docs/architecture.md for who writes which table, under
-- which role, and in which order rows are locked: lanes, outgoing, intents, messages, awaiting.

-- ---------------------------------------------------------------------------------------------
-- Roles. They belong to the cluster, so another database of it may have made them already.
-- ---------------------------------------------------------------------------------------------
do $$
declare
  name text;
begin
  foreach name in array array['tyrian_ingest', 'tyrian_worker', 'tyrian_tenant', 'tyrian_operator'] loop
    begin
      execute format('create role %I nologin nosuperuser nobypassrls noinherit', name);
    exception when duplicate_object or unique_violation then
      null;
    end;
  end loop;
end
$$;

-- ---------------------------------------------------------------------------------------------
-- Time and identity
-- ---------------------------------------------------------------------------------------------

-- The one clock of the product. A test moves time by replacing this function.
create function app_clock() returns timestamptz
  language sql stable parallel safe
  as $$ select statement_timestamp() $$;

-- The tenant on whose behalf the transaction runs; null outside of one, so that a policy shows no row.
create function current_tenant() returns uuid
  language sql stable parallel safe
  as $$ select nullif(current_setting('tyrian.tenant_id', true), '')::uuid $$;

-- The smallest UUIDv7 of an instant: the bound of a time-ordered id.
create function uuid_v7_floor(at timestamptz) returns uuid
  language sql immutable parallel safe
  as $$
    select (lpad(to_hex(floor(extract(epoch from at) * 1000)::bigint), 12, '0') || '70008000000000000000')::uuid
  $$;

-- The instant that a UUIDv7 carries, to the millisecond.
create function uuid_v7_time(id uuid) returns timestamptz
  language sql immutable parallel safe
  as $$
    select to_timestamp((('x' || lpad(translate(left(id::text, 13), '-', ''), 16, '0'))::bit(64)::bigint) / 1000.0)
  $$;

-- How much a status tells; 10 and above end a message. The same table stands in messages/transitions.ts,
-- and a test holds the two together.
create function status_rank(status text) returns smallint
  language sql immutable parallel safe
  as $$
    select (case status
      when 'uncertain' then 1 when 'sent' then 2 when 'pending' then 3 when 'unresolved' then 10
      when 'expired' then 11 when 'cancelled' then 11
      when 'undelivered' then 12 when 'rejected' then 12 when 'failed' then 12
      when 'delivered' then 13 else 0 end)::smallint
  $$;

-- ---------------------------------------------------------------------------------------------
-- Control plane: small, read often, shared by all
-- ---------------------------------------------------------------------------------------------

create table installation (
  id smallint not null default 1,
  identity uuid not null default gen_random_uuid(),
  -- Keys HMACs that recognise equal provider keys; wrapped by the master key, made at first start.
  fingerprint_secret text,
  created_at timestamptz not null default app_clock(),
  constraint installation_pkey primary key (id),
  constraint installation_single check (id = 1)
);
insert into installation default values;

create table callback_keys (
  id smallint generated always as identity,
  sealed_key text not null,
  created_at timestamptz not null default app_clock(),
  retired_at timestamptz,
  constraint callback_keys_pkey primary key (id)
);

create table tenants (
  id uuid not null,
  name text not null,
  external_id text,
  status text not null default 'active',
  default_delivery_mode text not null default 'at_most_once',
  suspended_at timestamptz,
  created_at timestamptz not null default app_clock(),
  updated_at timestamptz not null default app_clock(),
  constraint tenants_pkey primary key (id),
  constraint tenants_external_id_key unique (external_id),
  constraint tenants_status_check check (status in ('active', 'suspended')),
  constraint tenants_delivery_mode_check check (default_delivery_mode in ('at_most_once', 'at_least_once'))
);

create table api_keys (
  tenant_id uuid not null,
  id uuid not null,
  name text not null,
  prefix text not null,
  secret_hash bytea not null,
  scopes text[] not null,
  account_ids uuid[],
  expires_at timestamptz,
  revoked_at timestamptz,
  replaced_by uuid,
  last_used_at timestamptz,
  created_at timestamptz not null default app_clock(),
  constraint api_keys_pkey primary key (tenant_id, id),
  constraint api_keys_prefix_key unique (prefix),
  constraint api_keys_tenant_fkey foreign key (tenant_id) references tenants (id)
);

-- What the provider limits is a key, however many connections carry it: rate and pause live here,
-- by the key's keyed fingerprint. Every change of the pause raises the epoch.
create table connection_states (
  fingerprint bytea not null,
  epoch bigint not null default 1,
  paused_at timestamptz,
  pause_reason text,
  rate double precision not null default 5,
  learned_limit double precision,
  decreased_at timestamptz,
  not_before timestamptz,
  probe_until timestamptz,
  probe_by uuid,
  updated_at timestamptz not null default app_clock(),
  constraint connection_states_pkey primary key (fingerprint),
  constraint connection_states_pause_check check ((paused_at is null) = (pause_reason is null)),
  constraint connection_states_rate_check check (rate > 0)
);

-- tenant_id is null where the operator owns the connection.
create table connections (
  id uuid not null,
  tenant_id uuid,
  name text not null,
  sealed_key text not null,
  key_version integer not null default 1,
  fingerprint bytea not null,
  max_per_second double precision,
  key_verdict text not null default 'unchecked',
  key_checked_at timestamptz,
  created_at timestamptz not null default app_clock(),
  updated_at timestamptz not null default app_clock(),
  constraint connections_pkey primary key (id),
  constraint connections_tenant_fkey foreign key (tenant_id) references tenants (id),
  constraint connections_state_fkey foreign key (fingerprint) references connection_states (fingerprint),
  constraint connections_max_check check (max_per_second > 0),
  constraint connections_verdict_check check (key_verdict in ('unchecked', 'plausible', 'refused', 'unreachable'))
);
create index connections_tenant_idx on connections (tenant_id);
create index connections_fingerprint_idx on connections (fingerprint);

create table accounts (
  tenant_id uuid not null,
  id uuid not null,
  connection_id uuid not null,
  name text not null,
  senders text[] not null default '{}',
  default_sender text,
  default_category text,
  default_delivery_mode text,
  created_at timestamptz not null default app_clock(),
  updated_at timestamptz not null default app_clock(),
  deleted_at timestamptz,
  constraint accounts_pkey primary key (tenant_id, id),
  constraint accounts_tenant_fkey foreign key (tenant_id) references tenants (id),
  constraint accounts_connection_fkey foreign key (connection_id) references connections (id),
  constraint accounts_category_check check (default_category in ('promotional', 'transactional')),
  constraint accounts_delivery_mode_check check (default_delivery_mode in ('at_most_once', 'at_least_once'))
);
create index accounts_connection_idx on accounts (connection_id);

create table audit_log (
  tenant_id uuid not null,
  id uuid not null,
  at timestamptz not null default app_clock(),
  actor_kind text not null,
  actor_id text not null,
  action text not null,
  object_kind text not null,
  object_id text not null,
  before jsonb,
  after jsonb,
  request_id text,
  constraint audit_log_pkey primary key (tenant_id, id)
);
create index audit_log_id_idx on audit_log (id);

-- ---------------------------------------------------------------------------------------------
-- Lanes and workers
-- ---------------------------------------------------------------------------------------------

create table workers (
  id uuid not null,
  version text not null,
  started_at timestamptz not null default app_clock(),
  heartbeat_at timestamptz not null default app_clock(),
  lost_at timestamptz,
  lease_ms integer not null,
  clock_offset_ms double precision,
  lanes integer not null default 0,
  constraint workers_pkey primary key (id)
);

-- One lane for each account. Nothing that changes often is indexed, so that updates stay in their page.
create table lanes (
  tenant_id uuid not null,
  account_id uuid not null,
  connection_id uuid not null,
  weight smallint not null default 1,
  owner uuid,
  token bigint not null default 0,
  has_work boolean not null default false,
  active_since timestamptz,
  -- Held by people. One who pauses does not undo the other's pause; 'deletion' is for ever.
  paused_at timestamptz,
  paused_by text,
  pause_reason text,
  report jsonb,
  constraint lanes_pkey primary key (tenant_id, account_id),
  constraint lanes_account_fkey foreign key (tenant_id, account_id) references accounts (tenant_id, id),
  constraint lanes_connection_fkey foreign key (connection_id) references connections (id),
  constraint lanes_weight_check check (weight between 1 and 1000),
  constraint lanes_paused_check check ((paused_at is null) = (paused_by is null)),
  constraint lanes_paused_by_check check (paused_by in ('tenant', 'operator', 'both', 'deletion'))
) with (fillfactor = 60);
create index lanes_at_work_idx on lanes (owner) where has_work or owner is not null;

-- ---------------------------------------------------------------------------------------------
-- Messages and what is derived from them: partitioned by id, which is ordered by time
-- ---------------------------------------------------------------------------------------------

-- status, final_at, … are written at most twice: at the final, and by a correction. Before that the
-- narrow tables (scheduled, outgoing, intents, awaiting) tell the status. No written column is indexed.
create table messages (
  tenant_id uuid not null,
  id uuid not null,
  account_id uuid not null,
  api_key_id uuid,
  accepted_at timestamptz not null,
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
  send_at timestamptz,
  expires_at timestamptz not null,
  client_reference text,
  group_name text,
  metadata jsonb,
  request_id text,
  status text,
  final_at timestamptz,
  provider_status text,
  provider_message_id text,
  status_code text,
  status_message text,
  evidence text,
  attempts smallint,
  possible_duplicate boolean not null default false,
  constraint messages_pkey primary key (tenant_id, id),
  constraint messages_category_check check (category in ('promotional', 'transactional')),
  constraint messages_class_check check (class between 0 and 2),
  constraint messages_delivery_mode_check check (delivery_mode in ('at_most_once', 'at_least_once')),
  constraint messages_status_check check (status in ('delivered', 'undelivered', 'rejected', 'failed', 'expired', 'cancelled', 'uncertain', 'unresolved')),
  constraint messages_final_check check ((status is null) = (final_at is null))
) partition by range (id);
create index messages_recipient_idx on messages (tenant_id, recipient, id);
create index messages_client_reference_idx on messages (tenant_id, client_reference, id) where client_reference is not null;

create table events (
  tenant_id uuid not null,
  message_id uuid not null,
  id uuid not null,
  at timestamptz not null,
  type text not null,
  status text,
  attempt smallint,
  applied boolean,
  detail jsonb,
  constraint events_pkey primary key (tenant_id, message_id, id)
) partition by range (message_id);

-- The public events in the order in which they were relayed. position grows by one within a tenant,
-- and is given after the commit that made the event, under the tenant's row lock.
create table feed (
  tenant_id uuid not null,
  position bigint not null,
  id uuid not null,
  at timestamptz not null,
  type text not null,
  message_id uuid,
  account_id uuid,
  snapshot jsonb,
  constraint feed_pkey primary key (tenant_id, position, id)
) partition by range (id);

create table feed_positions (
  tenant_id uuid not null,
  position bigint not null default 0,
  constraint feed_positions_pkey primary key (tenant_id)
) with (fillfactor = 50);

-- ---------------------------------------------------------------------------------------------
-- The work in hand: narrow, deleted when done
-- ---------------------------------------------------------------------------------------------

create table scheduled (
  tenant_id uuid not null,
  message_id uuid not null,
  account_id uuid not null,
  class smallint not null,
  due_at timestamptz not null,
  expires_at timestamptz not null,
  constraint scheduled_pkey primary key (tenant_id, message_id),
  constraint scheduled_lane_fkey foreign key (tenant_id, account_id) references lanes (tenant_id, account_id)
);
create index scheduled_due_idx on scheduled (due_at);

-- maybe_sent: an earlier attempt had an unknown outcome, so that neither cancelled nor expired may follow.
create table outgoing (
  tenant_id uuid not null,
  message_id uuid not null,
  account_id uuid not null,
  class smallint not null,
  pos uuid not null,
  attempt smallint not null default 1,
  maybe_sent boolean not null default false,
  expires_at timestamptz not null,
  group_name text,
  constraint outgoing_pkey primary key (tenant_id, message_id),
  constraint outgoing_lane_fkey foreign key (tenant_id, account_id) references lanes (tenant_id, account_id)
) with (fillfactor = 80);
create index outgoing_line_idx on outgoing (tenant_id, account_id, class, pos);

-- What may be on the wire. Lives until its last id is settled: an id is open while its queue row
-- still carries the attempt that stands here.
create table intents (
  tenant_id uuid not null,
  id uuid not null,
  account_id uuid not null,
  token bigint not null,
  epoch bigint not null,
  owner uuid not null,
  message_ids uuid[] not null,
  attempts smallint[] not null,
  created_at timestamptz not null default app_clock(),
  constraint intents_pkey primary key (tenant_id, id)
);
create index intents_lane_idx on intents (tenant_id, account_id);

-- Sent or possibly sent, and not final. poll_line orders the polls of a lane: 0 leaves the provider's
-- window soon, 1 to 3 never polled by class, 4 the rest; null where there is no id to ask with.
create table awaiting (
  tenant_id uuid not null,
  message_id uuid not null,
  account_id uuid not null,
  class smallint not null,
  pos uuid not null,
  status text not null,
  attempt smallint not null,
  maybe_sent boolean not null default false,
  provider_message_id text,
  provider_status text,
  status_code text,
  sent_at timestamptz not null,
  expires_at timestamptz not null,
  poll_line smallint,
  next_poll_at timestamptz,
  polls smallint not null default 0,
  window_ends_at timestamptz not null,
  retry_at timestamptz,
  constraint awaiting_pkey primary key (tenant_id, message_id),
  constraint awaiting_lane_fkey foreign key (tenant_id, account_id) references lanes (tenant_id, account_id),
  constraint awaiting_status_check check (status in ('sent', 'pending', 'uncertain'))
) with (fillfactor = 70);
create index awaiting_poll_idx on awaiting (tenant_id, account_id, poll_line, next_poll_at) where poll_line is not null;
create index awaiting_retry_idx on awaiting (tenant_id, account_id, retry_at) where retry_at is not null;
create index awaiting_window_idx on awaiting (window_ends_at);

create table receipts (
  tenant_id uuid not null,
  message_id uuid not null,
  attempt smallint not null,
  provider_status text not null,
  account_id uuid not null,
  provider_message_id text,
  times integer not null default 1,
  first_at timestamptz not null default app_clock(),
  last_at timestamptz not null default app_clock(),
  folded boolean not null default false,
  fold_after timestamptz not null default app_clock(),
  orphaned boolean not null default false,
  constraint receipts_pkey primary key (tenant_id, message_id, attempt, provider_status)
) with (fillfactor = 70);
create index receipts_unfolded_idx on receipts (fold_after) where not folded;
create index receipts_age_idx on receipts using brin (first_at);

create table outbox (
  tenant_id uuid not null,
  id uuid not null,
  at timestamptz not null,
  type text not null,
  message_id uuid,
  account_id uuid,
  snapshot jsonb,
  constraint outbox_pkey primary key (tenant_id, id)
);

create table inbound_messages (
  tenant_id uuid not null,
  id uuid not null,
  connection_id uuid not null,
  account_id uuid,
  message_token text not null,
  phone_number text not null,
  text text,
  tracking_data text,
  sent_at timestamptz,
  received_at timestamptz not null default app_clock(),
  in_reply_to uuid,
  routed_by text,
  times integer not null default 1,
  raw jsonb,
  constraint inbound_messages_pkey primary key (tenant_id, id),
  constraint inbound_messages_token_key unique (tenant_id, connection_id, message_token)
);

-- ---------------------------------------------------------------------------------------------
-- Uniqueness and look-ups that a table partitioned by id cannot hold
-- ---------------------------------------------------------------------------------------------

-- message_id for one message; results for a batch under one key.
create table idempotency_keys (
  tenant_id uuid not null,
  key text not null,
  body_hash bytea not null,
  message_id uuid,
  results jsonb,
  created_at timestamptz not null default app_clock(),
  constraint idempotency_keys_pkey primary key (tenant_id, key)
);
create index idempotency_keys_age_idx on idempotency_keys using brin (created_at);

create table provider_ids (
  tenant_id uuid not null,
  provider_message_id text not null,
  message_id uuid not null,
  constraint provider_ids_pkey primary key (tenant_id, provider_message_id, message_id)
);
create index provider_ids_age_idx on provider_ids using brin (message_id);

-- Counted in the accepting and settling transactions, by the UTC day of acceptance; a row for each
-- process, so that no two processes wait for one another.
create table daily_counts (
  tenant_id uuid not null,
  day date not null,
  process_id uuid not null,
  accepted bigint not null default 0,
  delivered bigint not null default 0,
  undelivered bigint not null default 0,
  rejected bigint not null default 0,
  failed bigint not null default 0,
  expired bigint not null default 0,
  cancelled bigint not null default 0,
  uncertain bigint not null default 0,
  unresolved bigint not null default 0,
  constraint daily_counts_pkey primary key (tenant_id, day, process_id)
) with (fillfactor = 50);

-- Driven by the outbox: what a tenant used, by the UTC day of the event.
create table usage_counts (
  tenant_id uuid not null,
  day date not null,
  account_id uuid not null,
  type text not null,
  count bigint not null default 0,
  constraint usage_counts_pkey primary key (tenant_id, day, account_id, type)
) with (fillfactor = 50);

-- ---------------------------------------------------------------------------------------------
-- Partitions: one a week (Monday to Monday, UTC) and one that catches the rest and alarms
-- ---------------------------------------------------------------------------------------------
create table messages_default partition of messages default with (fillfactor = 70);
create table events_default partition of events default;
create table feed_default partition of feed default;

-- Makes the partitions from last week to weeks_ahead. A partition is built aside with a CHECK and then
-- attached, so that no accept waits behind a scan.
create function make_partitions(weeks_ahead integer) returns integer
  language plpgsql security definer set search_path = public, pg_temp
  as $$
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
    end loop;
  end loop;
  return made;
end
$$;

-- Drops the partitions that ended before keep_after, one a call at the most, and only where no work in
-- hand falls into its range. Returns the name of the dropped one, or null.
create function drop_old_partition(keep_messages_after timestamptz, keep_feed_after timestamptz) returns text
  language plpgsql security definer set search_path = public, pg_temp
  as $$
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
$$;

-- How far ahead partitions exist, and how many rows fell into the catch-all ones.
create function partition_horizon(out horizon timestamptz, out strays bigint)
  language plpgsql stable security definer set search_path = public, pg_temp
  as $$
begin
  select (to_date(max(right(c.relname, 8)), 'YYYYMMDD')::timestamp at time zone 'UTC') + interval '1 week'
    into horizon
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'messages'::regclass and c.relname ~ '_\d{8}$';
  select (select count(*) from messages_default) + (select count(*) from events_default) + (select count(*) from feed_default)
    into strays;
end
$$;

select make_partitions(5);

-- ---------------------------------------------------------------------------------------------
-- Row level security: the second wall behind tenant_id in every query. ENABLE, not FORCE, so that the
-- owner's pg_dump works. Ingest and worker write groups across tenants with an explicit tenant_id; their
-- policies are open and their grants narrow.
-- ---------------------------------------------------------------------------------------------
do $$
declare
  name text;
begin
  foreach name in array array[
    'api_keys', 'accounts', 'audit_log', 'lanes', 'messages', 'events', 'feed', 'feed_positions', 'scheduled',
    'outgoing', 'intents', 'awaiting', 'receipts', 'outbox', 'inbound_messages', 'idempotency_keys', 'provider_ids',
    'daily_counts', 'usage_counts'
  ] loop
    execute format('alter table %I enable row level security', name);
    execute format('create policy %I on %I to tyrian_tenant using (tenant_id = current_tenant()) with check (tenant_id = current_tenant())',
      name || '_of_tenant', name);
    execute format('create policy %I on %I to tyrian_operator, tyrian_ingest, tyrian_worker using (true) with check (true)',
      name || '_of_system', name);
  end loop;
end
$$;

alter table tenants enable row level security;
create policy tenants_of_tenant on tenants to tyrian_tenant using (id = current_tenant());
create policy tenants_of_system on tenants to tyrian_operator, tyrian_ingest, tyrian_worker using (true) with check (true);

alter table connections enable row level security;
create policy connections_of_tenant on connections to tyrian_tenant
  using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());
create policy connections_of_system on connections to tyrian_operator, tyrian_ingest, tyrian_worker using (true) with check (true);

-- A tenant reaches the state of a key only through a connection of its own.
alter table connection_states enable row level security;
create policy connection_states_of_tenant on connection_states to tyrian_tenant
  using (exists (select 1 from connections c where c.fingerprint = connection_states.fingerprint))
  with check (true);
create policy connection_states_of_system on connection_states to tyrian_operator, tyrian_ingest, tyrian_worker using (true) with check (true);

-- Partitions are reached through their parents only.
alter table messages_default enable row level security;
alter table events_default enable row level security;
alter table feed_default enable row level security;

-- ---------------------------------------------------------------------------------------------
-- Grants
-- ---------------------------------------------------------------------------------------------
grant usage on schema public to tyrian_ingest, tyrian_worker, tyrian_tenant, tyrian_operator;
revoke execute on function make_partitions(integer), drop_old_partition(timestamptz, timestamptz), partition_horizon() from public;
grant execute on function make_partitions(integer), drop_old_partition(timestamptz, timestamptz) to tyrian_worker;
grant execute on function partition_horizon() to tyrian_worker, tyrian_operator;

-- ingest: accepts messages, takes callbacks, recognises keys. It reads ids, keys and hashes, no text.
grant select on tenants, api_keys, accounts, callback_keys, installation to tyrian_ingest;
grant update (last_used_at) on api_keys to tyrian_ingest;
grant select (id, tenant_id, fingerprint) on connections to tyrian_ingest;
grant select (tenant_id, account_id, connection_id, has_work, weight), update (has_work, active_since) on lanes to tyrian_ingest;
grant insert, select (tenant_id, id, account_id) on messages to tyrian_ingest;
grant insert, select (tenant_id, message_id) on outgoing, scheduled to tyrian_ingest;
grant select, insert on idempotency_keys to tyrian_ingest;
grant select, insert, update on daily_counts to tyrian_ingest;
grant insert on outbox, events to tyrian_ingest;
grant select, insert, update on receipts to tyrian_ingest;
grant insert, select (tenant_id, id, connection_id, message_token, times), update (times) on inbound_messages to tyrian_ingest;
grant select on provider_ids to tyrian_ingest;

-- worker: sends, follows, folds, relays, keeps house.
grant select on tenants, accounts, callback_keys, installation, connections to tyrian_worker;
grant update (key_verdict, key_checked_at) on connections to tyrian_worker;
grant select, insert, update on connection_states to tyrian_worker;
grant select, insert, update, delete on workers to tyrian_worker;
grant select, update on lanes to tyrian_worker;
grant select, update (status, final_at, provider_status, provider_message_id, status_code, status_message, evidence, attempts, possible_duplicate)
  on messages to tyrian_worker;
grant select, insert on events, feed to tyrian_worker;
grant select, insert, update on feed_positions, daily_counts, usage_counts to tyrian_worker;
grant select, insert, update, delete on scheduled, outgoing, intents, awaiting, receipts, outbox to tyrian_worker;
grant select, insert, delete on provider_ids to tyrian_worker;
grant select, delete on idempotency_keys to tyrian_worker;
grant select, update (account_id, in_reply_to, routed_by) on inbound_messages to tyrian_worker;

-- tenant: one customer's reading and editing.
grant select on tenants to tyrian_tenant;
grant update (name, default_delivery_mode, updated_at) on tenants to tyrian_tenant;
grant select, insert, update on api_keys, connections, accounts to tyrian_tenant;
grant select, insert on connection_states to tyrian_tenant;
grant update (epoch, paused_at, pause_reason, not_before, probe_until, probe_by, rate, learned_limit, updated_at) on connection_states to tyrian_tenant;
grant select, insert on lanes, audit_log to tyrian_tenant;
grant update (connection_id, weight, paused_at, paused_by, pause_reason, has_work) on lanes to tyrian_tenant;
grant select on messages, events, feed, feed_positions, intents, inbound_messages, idempotency_keys, provider_ids, receipts,
  daily_counts, usage_counts to tyrian_tenant;
grant select, insert, update, delete on scheduled, outgoing, awaiting to tyrian_tenant;
grant update (status, final_at, provider_status, provider_message_id, status_code, status_message, evidence, attempts, possible_duplicate)
  on messages to tyrian_tenant;
grant insert on events, outbox, provider_ids to tyrian_tenant;
grant insert, update on daily_counts to tyrian_tenant;
grant select (id) on installation to tyrian_tenant;

-- operator: every tenant's control plane and the state of the work, but no text and no number.
grant select, insert, update on tenants, api_keys, connections, connection_states, accounts, installation, callback_keys to tyrian_operator;
grant select, insert on audit_log to tyrian_operator;
grant select, insert, update on lanes to tyrian_operator;
grant select on workers, scheduled, outgoing, intents, awaiting, receipts, outbox, daily_counts, usage_counts, feed_positions to tyrian_operator;
grant select (tenant_id, id, account_id, accepted_at, status, final_at, class, expires_at) on messages to tyrian_operator;
