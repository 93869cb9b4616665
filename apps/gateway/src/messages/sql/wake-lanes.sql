-- Tells lanes that they have work, where nobody did yet. It runs after the queue rows were inserted: their
-- foreign key holds the lane rows, so an owner that clears the mark either waits for our commit or was seen here.
with idle as (
  select l.tenant_id, l.account_id
  from lanes l join unnest($1::uuid[], $2::uuid[]) as t (tenant_id, account_id)
    on t.tenant_id = l.tenant_id and t.account_id = l.account_id
  where not l.has_work
  order by l.tenant_id, l.account_id
  for no key update of l
),
woken as (
  update lanes l set has_work = true, active_since = app_clock()
  from idle i
  where l.tenant_id = i.tenant_id and l.account_id = i.account_id
  returning l.account_id
)
select pg_notify('tyrian_work', account_id::text) from woken
