-- Sets when to look at lines again: when the next of their deliveries is due, or never. In a statement of its own behind the lock,
-- so that it sees what a relay committed before it woke the line. $1 tenants, $2 endpoints.
update webhook_lines l set next_at = greatest(l.not_before, (
  select d.due_at from webhook_deliveries d
  where d.tenant_id = l.tenant_id and d.endpoint_id = l.endpoint_id and d.due_at is not null
  order by d.due_at limit 1))
from unnest($1::uuid[], $2::uuid[]) as w (tenant_id, endpoint_id)
where w.tenant_id = l.tenant_id and w.endpoint_id = l.endpoint_id
