-- Chooses tenants with events to relay, and locks their places in the feed: one relay at a time for a tenant, so
-- that positions follow the commits and no reader of the feed can skip one. None while the installation is on hold:
-- what is relayed leaves the house by webhooks. $1 most rows to look at.
with waiting as (
  select distinct tenant_id from (select tenant_id from outbox limit $1) as o
),
made as (
  insert into feed_positions (tenant_id) select tenant_id from waiting order by tenant_id on conflict do nothing
)
select f.tenant_id
from feed_positions f join waiting w on w.tenant_id = f.tenant_id
where not exists (select from installation where held_at is not null)
order by f.tenant_id
for update of f skip locked
