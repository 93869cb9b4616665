-- Chooses tenants with events to relay, and locks their places in the feed: one relay at a time for a tenant, so
-- that positions follow the commits and no reader of the feed can skip one. Nothing may be relayed while the
-- installation is on hold, as it would leave the house by webhooks. $1 most rows to look at, $2 seconds back, null from the head.
with waiting as (
  select distinct tenant_id from (
    select tenant_id from outbox
    where id > coalesce(uuid_v7_floor(app_clock() - make_interval(secs => $2::double precision)), '00000000-0000-0000-0000-000000000000')
    order by id limit $1) as o
),
made as (
  insert into feed_positions (tenant_id) select tenant_id from waiting order by tenant_id on conflict do nothing
),
locked as (
  select f.tenant_id
  from feed_positions f join waiting w on w.tenant_id = f.tenant_id
  order by f.tenant_id
  for update of f skip locked
)
select array(select tenant_id from locked) as tenants,
  exists (select from installation where held_at is not null) as on_hold
