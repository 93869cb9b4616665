-- The daily proof: for each tenant and UTC day of acceptance what was counted, what was found, and what is amiss.
-- A row is kept for ever; it is checked again until its day is settled.
create table reconciliations (
  tenant_id uuid not null,
  day date not null,
  verdict text not null default 'unchecked',
  figures jsonb,
  misses jsonb not null default '[]',
  miss_count integer not null default 0,
  checks integer not null default 0,
  first_checked_at timestamptz,
  checked_at timestamptz,
  -- The last changes of the verdict, oldest first.
  history jsonb not null default '[]',
  -- Null: settled, or its messages are past retention.
  next_check_at timestamptz default app_clock(),
  claimed_by uuid,
  claimed_until timestamptz,
  constraint reconciliations_pkey primary key (tenant_id, day),
  constraint reconciliations_verdict_check check (verdict in ('unchecked', 'open', 'proved', 'failed'))
) with (fillfactor = 70);
create index reconciliations_due_idx on reconciliations (next_check_at) where next_check_at is not null;
-- The operators' order: failures first, then the newest day.
create index reconciliations_worst_idx on reconciliations ((verdict = 'failed') desc, day desc, tenant_id desc);
-- Which days have counts at all.
create index daily_counts_day_idx on daily_counts (day);

alter table reconciliations enable row level security;
create policy reconciliations_of_tenant on reconciliations to tyrian_tenant using (tenant_id = current_tenant());
create policy reconciliations_of_system on reconciliations to tyrian_operator, tyrian_worker using (true) with check (true);
grant select on reconciliations to tyrian_tenant, tyrian_operator;
grant select, insert, update on reconciliations to tyrian_worker;
