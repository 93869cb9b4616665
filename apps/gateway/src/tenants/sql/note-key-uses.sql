-- Notes that keys were used, at most once a minute each, whichever replica asks. Rows that another
-- transaction holds are left to the next minute.
with used as (
  select k.tenant_id, k.id
  from unnest($1::uuid[], $2::uuid[]) as u (tenant_id, id)
  join api_keys k on k.tenant_id = u.tenant_id and k.id = u.id
  where k.last_used_at is null or k.last_used_at <= app_clock() - interval '1 minute'
  for no key update of k skip locked
)
update api_keys k
set last_used_at = app_clock()
from used u
where k.tenant_id = u.tenant_id and k.id = u.id;
