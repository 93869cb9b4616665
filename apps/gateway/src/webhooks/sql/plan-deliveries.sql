-- Makes a delivery of each event for each endpoint that wants it, and locks their lines; returns these. In the relay's transaction:
-- an event has its place in the feed and its deliveries, or neither. Lines that are awake are locked as well: a deliverer that
-- looks beside it cannot see these rows yet, and must not put their line to sleep. $1 events, $2 the types that are delivered by
-- default.
with e as materialized (
  select * from json_to_recordset($1::json) as e (tenant_id uuid, position bigint, id uuid, type text, message_id uuid, account_id uuid)
),
made as (
  insert into webhook_deliveries (tenant_id, endpoint_id, event_id, position, type, message_id)
  select e.tenant_id, w.id, e.id, e.position, e.type, e.message_id
  from e
  join webhook_endpoints w on w.tenant_id = e.tenant_id and w.status = 'enabled'
    and e.type = any (coalesce(w.events, $2::text[])) and (w.account_ids is null or e.account_id = any (w.account_ids))
  order by e.tenant_id, w.id, e.id
  on conflict do nothing
  returning tenant_id, endpoint_id
)
select l.tenant_id, l.endpoint_id
from webhook_lines l join (select distinct tenant_id, endpoint_id from made) m on m.tenant_id = l.tenant_id and m.endpoint_id = l.endpoint_id
order by l.tenant_id, l.endpoint_id
for no key update of l
