-- Writes what came of attempts: into the deliveries, and into the timelines of the messages that they tell of. An attempt that a
-- later one has overtaken stands in the timeline alone. $1 attempts.
with a as materialized (
  select * from json_to_recordset($1::json) as a (
    tenant_id uuid, endpoint_id uuid, event_id uuid, attempt smallint, status text, wait_ms bigint, http_status smallint, error text,
    duration_ms integer, answer text, message_id uuid, timeline_id uuid, shown jsonb)
),
locked as materialized (
  select d.tenant_id, d.endpoint_id, d.event_id
  from webhook_deliveries d join a on a.tenant_id = d.tenant_id and a.endpoint_id = d.endpoint_id and a.event_id = d.event_id
  where d.status = 'pending' and d.attempts = a.attempt
  order by d.tenant_id, d.endpoint_id, d.event_id
  for no key update of d
),
settled as (
  update webhook_deliveries d set
    status = a.status, due_at = case when a.status = 'pending' then app_clock() + make_interval(secs => a.wait_ms / 1000.0) end,
    last_at = app_clock(), last_status = a.http_status, last_error = a.error, last_ms = a.duration_ms, last_answer = a.answer
  from a join locked l on l.tenant_id = a.tenant_id and l.endpoint_id = a.endpoint_id and l.event_id = a.event_id
  where d.tenant_id = a.tenant_id and d.endpoint_id = a.endpoint_id and d.event_id = a.event_id
)
insert into events (tenant_id, message_id, id, at, type, detail)
select a.tenant_id, a.message_id, a.timeline_id, app_clock(), 'webhook', a.shown
from a
-- Not of a message that is kept no more: its partition is gone, and the row would fall into the one that alarms.
where a.message_id is not null
  and exists (select from messages m where m.tenant_id = a.tenant_id and m.id = a.message_id)
order by a.tenant_id, a.message_id, a.timeline_id
on conflict do nothing
