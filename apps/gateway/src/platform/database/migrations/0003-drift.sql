-- How the provider differs from the contract that is known: one row for each difference and place, counted.
-- It is the installation's, as no tenant's text or number stands in it.
create table drift (
  id uuid not null,
  place text not null,
  kind text not null,
  detail text not null,
  times bigint not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  sample text,
  -- The UTC day of the newest event about it.
  told_on date,
  constraint drift_pkey primary key (id),
  constraint drift_key unique (place, kind, detail)
) with (fillfactor = 70);

alter table drift enable row level security;
create policy drift_of_system on drift to tyrian_operator, tyrian_worker using (true) with check (true);
grant select on drift to tyrian_operator;
grant select, insert, update on drift to tyrian_worker;
