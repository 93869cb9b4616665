-- Rule 9's lock: the queue rows first. Open intents are looked at in a second statement, whose snapshot is
-- younger than the lock. What came with restored data may have been sent elsewhere (DISPATCH 22).
-- $1 tenants, $2 messages.
select q.tenant_id, q.message_id, q.attempt, q.maybe_sent, q.account_id,
  coalesce(q.message_id < (
    select uuid_v7_floor(held_at) from installation where held_because = 'marks_differ' and restored_work_at is null), false) as restored
from outgoing q join unnest($1::uuid[], $2::uuid[]) as t (tenant_id, message_id)
  on q.tenant_id = any (array[t.tenant_id]) and q.message_id = t.message_id
order by t.tenant_id, t.message_id
for update of q
