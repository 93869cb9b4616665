-- What happened to a message, in the order in which it was recorded. $1 tenant, $2 message, $3 most rows.
select id, at, type, status, attempt, applied, detail
from events
where tenant_id = $1 and message_id = $2
order by id
limit $3
