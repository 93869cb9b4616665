-- Rule 9's lock: the queue rows first. Open intents are looked at in a second statement, whose snapshot is
-- younger than the lock. $1 tenants, $2 messages.
select q.tenant_id, q.message_id, q.attempt, q.maybe_sent, q.account_id
from outgoing q join unnest($1::uuid[], $2::uuid[]) as t (tenant_id, message_id)
  on t.tenant_id = q.tenant_id and t.message_id = q.message_id
order by q.tenant_id, q.message_id
for update of q
