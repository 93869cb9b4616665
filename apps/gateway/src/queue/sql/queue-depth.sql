-- What waits on several accounts, no number counted further than $3: a class from the index alone; the scheduled
-- of a tenant together, as no index knows their account.
-- $1 tenants, $2 accounts, $3 the bound.
with wanted as (
  select * from unnest($1::uuid[], $2::uuid[]) as w (tenant_id, account_id)
),
later as (
  select s.tenant_id, s.account_id, count(*)::int as count
  from (select distinct tenant_id from wanted) t
  cross join lateral (
    select tenant_id, account_id from scheduled where tenant_id = t.tenant_id limit $3::bigint + 1
  ) s
  group by s.tenant_id, s.account_id
),
later_of_tenant as (
  select tenant_id, sum(count) > $3::bigint as capped from later group by tenant_id
)
select
  w.tenant_id, w.account_id,
  least(urgent.count, $3::bigint)::int as urgent,
  least(normal.count, $3::bigint)::int as normal,
  least(promotional.count, $3::bigint)::int as promotional,
  least(coalesce(l.count, 0), $3::bigint)::int as scheduled,
  greatest(urgent.count, normal.count, promotional.count) > $3::bigint or coalesce(t.capped, false) as capped,
  uuid_v7_time(least(urgent.first, normal.first, promotional.first)) as oldest_queued_at
from wanted w
cross join lateral (
  select
    (select count(*) from (
      select from outgoing o where o.tenant_id = w.tenant_id and o.account_id = w.account_id and o.class = 0
      limit $3::bigint + 1) q) as count,
    (select pos from outgoing o where o.tenant_id = w.tenant_id and o.account_id = w.account_id and o.class = 0
      order by pos limit 1) as first
) urgent
cross join lateral (
  select
    (select count(*) from (
      select from outgoing o where o.tenant_id = w.tenant_id and o.account_id = w.account_id and o.class = 1
      limit $3::bigint + 1) q) as count,
    (select pos from outgoing o where o.tenant_id = w.tenant_id and o.account_id = w.account_id and o.class = 1
      order by pos limit 1) as first
) normal
cross join lateral (
  select
    (select count(*) from (
      select from outgoing o where o.tenant_id = w.tenant_id and o.account_id = w.account_id and o.class = 2
      limit $3::bigint + 1) q) as count,
    (select pos from outgoing o where o.tenant_id = w.tenant_id and o.account_id = w.account_id and o.class = 2
      order by pos limit 1) as first
) promotional
left join later l on l.tenant_id = w.tenant_id and l.account_id = w.account_id
left join later_of_tenant t on t.tenant_id = w.tenant_id;
