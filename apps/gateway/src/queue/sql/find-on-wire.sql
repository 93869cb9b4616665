-- Which of the queue rows stand in an open intent with the attempt that they carry: what may be on the wire.
-- $1 tenants, $2 messages.
select q.tenant_id, q.message_id
from unnest($1::uuid[], $2::uuid[]) as t (tenant_id, message_id)
join outgoing q on q.tenant_id = any (array[t.tenant_id]) and q.message_id = t.message_id
where exists (
  select 1
  from intents i, unnest(i.message_ids, i.attempts) as open (message_id, attempt)
  where i.account_id = any (array[q.account_id])
    and open.message_id = q.message_id and open.attempt = q.attempt)
