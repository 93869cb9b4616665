-- Queue rows of restored data that the database they were copied from may have sent since: accepted before the data
-- end, and due before sending stopped there. An immediate message is due from its acceptance on, a scheduled one from
-- its place in the line, which is that of its due time. In the order of the key, so that a table of any size is read
-- once. $1 tenant and $2 message to go on after, $3 accepted before, $4 due before, $5 most rows.
select q.tenant_id, q.message_id, q.attempt
from outgoing q
where (q.tenant_id, q.message_id) > ($1::uuid, $2::uuid)
  and q.message_id < uuid_v7_floor($3::timestamptz) and q.pos < uuid_v7_floor($4::timestamptz)
order by q.tenant_id, q.message_id
limit $5
for update of q
