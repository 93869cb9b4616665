-- Sets the next poll of messages that are still open. $1 tenants, $2 messages, $3 milliseconds until the next one.
update awaiting a set polls = a.polls + 1, next_poll_at = app_clock() + make_interval(secs => t.in_ms / 1000.0),
  poll_line = case when a.poll_line = 0 then 0 else 4 end
from unnest($1::uuid[], $2::uuid[], $3::double precision[]) as t (tenant_id, message_id, in_ms)
where a.tenant_id = any (array[t.tenant_id]) and a.message_id = t.message_id and a.poll_line is not null
