-- Moves events of the locked tenants from the outbox to the feed, each with the next position of its tenant. The
-- position is a message's sequence as well: it only grows. $1 tenants, $2 most rows, $3 seconds back, null from the head.
with picked as materialized (
  select o.ctid as row_id from outbox o
  where o.tenant_id = any ($1::uuid[])
    and o.id > coalesce(uuid_v7_floor(app_clock() - make_interval(secs => $3::double precision)), '00000000-0000-0000-0000-000000000000')
  order by o.id limit $2
),
taken as materialized (
  -- By their places, which none but the holder of these locks takes rows from: a table that is next to empty would be
  -- read whole for their keys.
  delete from outbox o where o.ctid = any (array(select row_id from picked))
  returning o.tenant_id, o.id, o.at, o.type, o.message_id, o.account_id, o.snapshot
),
numbered as materialized (
  select t.*, f.position + row_number() over (partition by t.tenant_id order by t.id) as position
  from taken t join feed_positions f on f.tenant_id = t.tenant_id
),
moved as (
  update feed_positions f set position = n.last
  from (select tenant_id, max(position) as last from numbered group by tenant_id) n
  where f.tenant_id = n.tenant_id
),
stored as (
  insert into feed (tenant_id, position, id, at, type, message_id, account_id, snapshot)
  select tenant_id, position, id, at, type, message_id, account_id, snapshot from numbered order by tenant_id, position
)
select tenant_id, position, id, at, type, message_id, account_id from numbered order by tenant_id, position
