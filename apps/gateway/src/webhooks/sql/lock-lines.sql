-- Locks lines, to look behind the lock for what waits on them. Whoever has one locked is about to wake it or to end an attempt: it
-- is left as it is. $1 tenants, $2 endpoints.
select l.tenant_id, l.endpoint_id
from webhook_lines l
join unnest($1::uuid[], $2::uuid[]) as w (tenant_id, endpoint_id) on w.tenant_id = l.tenant_id and w.endpoint_id = l.endpoint_id
order by l.tenant_id, l.endpoint_id
for no key update of l skip locked
