-- How a message stands that is in no queue. $1 tenant, $2 message.
select m.status, a.status as waiting_as
from messages m left join awaiting a on a.tenant_id = any (array[m.tenant_id]) and a.message_id = m.id
where m.tenant_id = $1 and m.id = $2
