-- Takes due deliveries of endpoints, each up to its own number, the longest due first. One that is taken is due again when the
-- lease ends, so that a process that dies loses none; the attempt counts from now on.
-- $1 lines with how many each, $2 lease in milliseconds.
with line as materialized (
  select * from json_to_recordset($1::json) as l (tenant_id uuid, endpoint_id uuid, most integer)
),
picked as materialized (
  select d.tenant_id, d.endpoint_id, d.event_id
  from line l
  cross join lateral (
    select n.event_id
    from (
      -- A limit that is a number, not a column: without one a line of a million is sorted whole for each claim.
      select w.event_id, w.due_at from webhook_deliveries w
      where w.tenant_id = l.tenant_id and w.endpoint_id = l.endpoint_id and w.due_at <= app_clock()
      order by w.due_at limit 1000
    ) n
    order by n.due_at limit l.most
  ) n
  join webhook_deliveries d on d.tenant_id = l.tenant_id and d.endpoint_id = l.endpoint_id and d.event_id = n.event_id
  where d.due_at <= app_clock()
  for update of d skip locked
)
update webhook_deliveries d set attempts = d.attempts + 1, due_at = app_clock() + make_interval(secs => $2 / 1000.0)
from picked p
where d.tenant_id = p.tenant_id and d.endpoint_id = p.endpoint_id and d.event_id = p.event_id
  and not exists (select from installation where held_at is not null)
returning d.tenant_id, d.endpoint_id, d.event_id, d.position, d.message_id, d.type, d.attempts
