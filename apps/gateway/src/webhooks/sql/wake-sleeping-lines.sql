-- Wakes lines that sleep, or sleep for longer. In a statement of its own behind the lock: who held it before may have put the line to
-- sleep, which a statement that began before would not see. $1 tenants, $2 endpoints.
update webhook_lines l set next_at = greatest(app_clock(), l.not_before)
from unnest($1::uuid[], $2::uuid[]) as w (tenant_id, endpoint_id)
where l.tenant_id = w.tenant_id and l.endpoint_id = w.endpoint_id
  and (l.next_at is null or l.next_at > greatest(app_clock(), l.not_before))
