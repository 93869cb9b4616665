-- The drop-in door: its clients know a message by an integer.

-- Where the next block of numbers begins; a process takes one in a transaction of its own, so that no sequence is needed
-- on any node and a crash loses the rest of a block at the most.
create table dropin_numbers (
  id smallint not null default 1,
  next bigint not null default 1,
  -- The hold for which it has leapt: a restored database does not know what was told after its data end.
  leapt_for timestamptz,
  constraint dropin_numbers_pkey primary key (id),
  constraint dropin_numbers_single check (id = 1),
  -- Clients hold a number in a double.
  constraint dropin_numbers_exact check (next < 9007199254740992)
);
insert into dropin_numbers default values;

-- Written in the accepting transaction; kept as long as the message.
create table dropin_messages (
  tenant_id uuid not null,
  number bigint not null,
  message_id uuid not null,
  -- Where the client wants to hear of statuses and replies.
  callback_url text,
  constraint dropin_messages_pkey primary key (tenant_id, number)
);
create index dropin_messages_message_idx on dropin_messages (tenant_id, message_id);
create index dropin_messages_age_idx on dropin_messages using brin (message_id);

-- What a client's callback_url has still to be told; deleted when it was told, or given up.
create table dropin_callbacks (
  tenant_id uuid not null,
  -- The event that it tells of.
  id uuid not null,
  message_id uuid not null,
  url text not null,
  origin text not null,
  body text not null,
  attempts smallint not null default 0,
  next_at timestamptz not null default app_clock(),
  constraint dropin_callbacks_pkey primary key (tenant_id, id)
) with (fillfactor = 70);
create index dropin_callbacks_due_idx on dropin_callbacks (next_at);
create index dropin_callbacks_message_idx on dropin_callbacks (tenant_id, message_id, id);

alter table dropin_numbers enable row level security;
create policy dropin_numbers_of_system on dropin_numbers to tyrian_ingest using (true) with check (true);
grant select, update on dropin_numbers to tyrian_ingest;

alter table dropin_messages enable row level security;
create policy dropin_messages_of_tenant on dropin_messages to tyrian_tenant using (tenant_id = current_tenant());
create policy dropin_messages_of_system on dropin_messages to tyrian_operator, tyrian_ingest, tyrian_worker using (true) with check (true);
grant insert on dropin_messages to tyrian_ingest;
grant select, delete on dropin_messages to tyrian_worker;
grant select on dropin_messages to tyrian_tenant;

alter table dropin_callbacks enable row level security;
create policy dropin_callbacks_of_tenant on dropin_callbacks to tyrian_tenant using (tenant_id = current_tenant());
create policy dropin_callbacks_of_system on dropin_callbacks to tyrian_operator, tyrian_worker using (true) with check (true);
grant select, insert, update, delete on dropin_callbacks to tyrian_worker;
