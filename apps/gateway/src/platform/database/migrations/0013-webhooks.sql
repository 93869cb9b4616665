-- Webhooks: where a tenant wants its events delivered, what signs them, and what has become of each delivery.

-- events null: those that are delivered by default; account_ids null: of all accounts, and of none.
create table webhook_endpoints (
  tenant_id uuid not null,
  id uuid not null,
  url text not null,
  events text[],
  account_ids uuid[],
  description text,
  status text not null default 'enabled',
  disabled_reason text,
  disabled_at timestamptz,
  created_at timestamptz not null default app_clock(),
  updated_at timestamptz not null default app_clock(),
  constraint webhook_endpoints_pkey primary key (tenant_id, id),
  constraint webhook_endpoints_tenant_fkey foreign key (tenant_id) references tenants (id),
  constraint webhook_endpoints_status_check check (status in ('enabled', 'disabled')),
  constraint webhook_endpoints_reason_check check (disabled_reason in ('gone', 'failing', 'by_tenant')),
  constraint webhook_endpoints_disabled_check check ((status = 'disabled') = (disabled_at is not null and disabled_reason is not null))
);

-- The highest version signs; the others sign beside it until they expire.
create table webhook_secrets (
  tenant_id uuid not null,
  endpoint_id uuid not null,
  version integer not null,
  sealed_secret text not null,
  created_at timestamptz not null default app_clock(),
  expires_at timestamptz,
  constraint webhook_secrets_pkey primary key (tenant_id, endpoint_id, version),
  constraint webhook_secrets_endpoint_fkey foreign key (tenant_id, endpoint_id) references webhook_endpoints (tenant_id, id) on delete cascade
);

-- An endpoint's own line: when to look at it next (null: nothing waits), and how it does. A million deliveries that wait
-- for a dead endpoint are one row here.
create table webhook_lines (
  tenant_id uuid not null,
  endpoint_id uuid not null,
  next_at timestamptz,
  not_before timestamptz,
  failures integer not null default 0,
  failing_since timestamptz,
  constraint webhook_lines_pkey primary key (tenant_id, endpoint_id),
  constraint webhook_lines_endpoint_fkey foreign key (tenant_id, endpoint_id) references webhook_endpoints (tenant_id, id) on delete cascade
) with (fillfactor = 50);
create index webhook_lines_next_idx on webhook_lines (next_at) where next_at is not null;

-- One event for one endpoint. due_at is set while it waits; one that is on the wire is due again when its lease ends.
-- No foreign key: those of a deleted endpoint go with time.
create table webhook_deliveries (
  tenant_id uuid not null,
  endpoint_id uuid not null,
  event_id uuid not null,
  position bigint not null,
  type text not null,
  message_id uuid,
  status text not null default 'pending',
  attempts smallint not null default 0,
  due_at timestamptz default app_clock(),
  created_at timestamptz not null default app_clock(),
  last_at timestamptz,
  last_status smallint,
  last_error text,
  last_ms integer,
  last_answer text,
  constraint webhook_deliveries_pkey primary key (tenant_id, endpoint_id, event_id),
  constraint webhook_deliveries_status_check check (status in ('pending', 'delivered', 'failed')),
  constraint webhook_deliveries_due_check check ((status = 'pending') = (due_at is not null))
);
create index webhook_deliveries_line_idx on webhook_deliveries (tenant_id, endpoint_id, due_at) where due_at is not null;
create index webhook_deliveries_open_idx on webhook_deliveries (tenant_id, endpoint_id, event_id) where status <> 'delivered';
create index webhook_deliveries_age_idx on webhook_deliveries using brin (created_at);

do $$
declare
  name text;
begin
  foreach name in array array['webhook_endpoints', 'webhook_secrets', 'webhook_lines', 'webhook_deliveries'] loop
    execute format('alter table %I enable row level security', name);
    execute format('create policy %I on %I to tyrian_tenant using (tenant_id = current_tenant()) with check (tenant_id = current_tenant())',
      name || '_of_tenant', name);
    execute format('create policy %I on %I to tyrian_operator, tyrian_worker using (true) with check (true)',
      name || '_of_system', name);
  end loop;
end
$$;

grant select, insert, update, delete on webhook_endpoints, webhook_secrets, webhook_lines to tyrian_tenant;
grant select, insert, update on webhook_deliveries to tyrian_tenant;
grant select, update (status, disabled_reason, disabled_at, updated_at) on webhook_endpoints to tyrian_worker;
grant select on webhook_secrets to tyrian_worker;
grant select, update on webhook_lines to tyrian_worker;
grant select, insert, update, delete on webhook_deliveries to tyrian_worker;
-- The operator sees how they do, neither where they lead nor what they answered.
grant select (tenant_id, id, status, disabled_reason, disabled_at) on webhook_endpoints to tyrian_operator;
-- What the vault must be able to open is looked through at start.
grant select (sealed_secret) on webhook_secrets to tyrian_operator;
grant select on webhook_lines to tyrian_operator;
