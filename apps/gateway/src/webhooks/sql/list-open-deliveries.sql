-- Those that have not arrived, newest event first: few beside those that have, and found by an index of their own.
-- $1 tenant, $2 endpoint, $3 below this event, $4 status, $5 most rows.
select event_id as id, event_id, type, message_id, status, attempts, due_at, created_at, last_at, last_status, last_error, last_ms, last_answer
from webhook_deliveries
where tenant_id = $1 and endpoint_id = $2 and status <> 'delivered' and ($3::uuid is null or event_id < $3) and status = $4
order by event_id desc
limit $5
