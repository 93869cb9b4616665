-- The way back: whose reply it is, what it answers, and who must not be written to any more.

-- The last two-way message to a number over a connection, of each tenant that sends over it. Kept for seven days.
create table two_way_recent (
  tenant_id uuid not null,
  connection_id uuid not null,
  recipient text not null,
  account_id uuid not null,
  message_id uuid not null,
  sent_at timestamptz not null,
  constraint two_way_recent_pkey primary key (tenant_id, connection_id, recipient)
) with (fillfactor = 70);
-- A reply knows its connection, but not yet its tenant.
create index two_way_recent_number_idx on two_way_recent (connection_id, recipient);
create index two_way_recent_age_idx on two_way_recent using brin (sent_at);

-- One reply is one reply, whichever tenant of a shared connection it is found to be for: a doubled callback that comes
-- when another tenant has written to the number meanwhile must not become that tenant's. Of no tenant; kept for 30 days.
create table inbound_tokens (
  connection_id uuid not null,
  message_token text not null,
  id uuid not null,
  times integer not null default 1,
  received_at timestamptz not null default app_clock(),
  constraint inbound_tokens_pkey primary key (connection_id, message_token)
) with (fillfactor = 80);
create index inbound_tokens_age_idx on inbound_tokens using brin (received_at);

-- Replies of which nothing tells the tenant, until an operator does.
create table inbound_unrouted (
  id uuid not null,
  connection_id uuid not null,
  message_token text not null,
  phone_number text not null,
  text text,
  tracking_data text,
  sent_at timestamptz,
  received_at timestamptz not null,
  raw jsonb,
  constraint inbound_unrouted_pkey primary key (id)
);

-- A recipient and a sender that the recipient has replied to. account_id is that of the newest reply.
create table conversations (
  tenant_id uuid not null,
  id uuid not null,
  recipient text not null,
  sender text not null,
  account_id uuid not null,
  last_inbound_id uuid not null,
  last_inbound_at timestamptz not null,
  created_at timestamptz not null default app_clock(),
  constraint conversations_pkey primary key (tenant_id, id),
  constraint conversations_parties_key unique (tenant_id, recipient, sender)
) with (fillfactor = 80);
create index conversations_newest_idx on conversations (tenant_id, last_inbound_id);

-- sender and conversation_id are null where it is not known what is answered. times is counted in inbound_tokens now.
alter table inbound_messages
  add column sender text,
  add column conversation_id uuid;
create index inbound_messages_number_idx on inbound_messages (tenant_id, phone_number, id);
-- What operators still have to assign is found however long the history.
create index inbound_messages_unrouted_idx on inbound_messages (id) where routed_by is null;

-- Who must not be written to: one row a recipient, found by one look into one index while a message is accepted.
create table suppressions (
  tenant_id uuid not null,
  id uuid not null,
  recipient text not null,
  category text not null default 'all',
  reason text,
  source text not null,
  inbound_message_id uuid,
  created_at timestamptz not null default app_clock(),
  updated_at timestamptz not null default app_clock(),
  constraint suppressions_pkey primary key (tenant_id, id),
  constraint suppressions_recipient_key unique (tenant_id, recipient),
  constraint suppressions_category_check check (category in ('promotional', 'all')),
  constraint suppressions_source_check check (source in ('api', 'import', 'stop_word'))
);

-- A tenant's own list; without a row the defaults hold.
create table stop_words (
  tenant_id uuid not null,
  words text[] not null,
  category text not null default 'all',
  updated_at timestamptz not null default app_clock(),
  constraint stop_words_pkey primary key (tenant_id),
  constraint stop_words_tenant_fkey foreign key (tenant_id) references tenants (id),
  constraint stop_words_category_check check (category in ('promotional', 'all'))
);

do $$
declare
  name text;
begin
  foreach name in array array['two_way_recent', 'conversations', 'suppressions', 'stop_words'] loop
    execute format('alter table %I enable row level security', name);
    execute format('create policy %I on %I to tyrian_tenant using (tenant_id = current_tenant()) with check (tenant_id = current_tenant())',
      name || '_of_tenant', name);
    execute format('create policy %I on %I to tyrian_operator, tyrian_ingest, tyrian_worker using (true) with check (true)',
      name || '_of_system', name);
  end loop;
  foreach name in array array['inbound_tokens', 'inbound_unrouted'] loop
    execute format('alter table %I enable row level security', name);
    execute format('create policy %I on %I to tyrian_operator, tyrian_ingest, tyrian_worker using (true) with check (true)',
      name || '_of_system', name);
  end loop;
end
$$;

-- A reply is matched by its number, and answered by the sender of what it answers.
grant select (sender, recipient) on messages to tyrian_ingest;
grant select on two_way_recent to tyrian_ingest;
grant select, insert, update (times) on inbound_tokens to tyrian_ingest;
grant insert on inbound_unrouted to tyrian_ingest;
grant select (account_id) on inbound_messages to tyrian_ingest;
grant select, insert, update (account_id, last_inbound_id, last_inbound_at) on conversations to tyrian_ingest;
grant select, insert, update (category, reason, source, inbound_message_id, updated_at) on suppressions to tyrian_ingest;
grant select on stop_words to tyrian_ingest;

grant select, insert, update, delete on two_way_recent to tyrian_worker;
grant select, delete on inbound_tokens, inbound_unrouted to tyrian_worker;

grant select on conversations to tyrian_tenant;
grant select, insert, update, delete on suppressions, stop_words to tyrian_tenant;

-- operator: reads replies that are nobody's yet, and hands them over; of a tenant's that wait for an account it sees
-- the number, and no text.
grant select, delete on inbound_unrouted to tyrian_operator;
grant insert, select (tenant_id, id, connection_id, message_token, account_id, phone_number, received_at, sent_at, routed_by), update (account_id, sender, conversation_id, routed_by)
  on inbound_messages to tyrian_operator;
grant select, insert, update (account_id, last_inbound_id, last_inbound_at) on conversations to tyrian_operator;
grant select, insert, update (category, reason, source, inbound_message_id, updated_at) on suppressions to tyrian_operator;
grant select on stop_words to tyrian_operator;
grant insert on outbox to tyrian_operator;
