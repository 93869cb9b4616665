-- Gives back what was claimed and never tried: due at once, and the attempt does not count. $1 deliveries.
with r as materialized (
  select * from json_to_recordset($1::json) as r (tenant_id uuid, endpoint_id uuid, event_id uuid, attempt smallint)
),
locked as materialized (
  select d.tenant_id, d.endpoint_id, d.event_id
  from webhook_deliveries d join r on r.tenant_id = d.tenant_id and r.endpoint_id = d.endpoint_id and r.event_id = d.event_id
  where d.status = 'pending' and d.attempts = r.attempt
  order by d.tenant_id, d.endpoint_id, d.event_id
  for no key update of d
),
released as (
  update webhook_deliveries d set due_at = app_clock(), attempts = d.attempts - 1
  from locked l where l.tenant_id = d.tenant_id and l.endpoint_id = d.endpoint_id and l.event_id = d.event_id
),
lines as materialized (
  select l.tenant_id, l.endpoint_id
  from webhook_lines l join (select distinct tenant_id, endpoint_id from locked) k on k.tenant_id = l.tenant_id and k.endpoint_id = l.endpoint_id
  order by l.tenant_id, l.endpoint_id
  for no key update of l
)
update webhook_lines l set next_at = greatest(app_clock(), l.not_before)
from lines k where k.tenant_id = l.tenant_id and k.endpoint_id = l.endpoint_id
