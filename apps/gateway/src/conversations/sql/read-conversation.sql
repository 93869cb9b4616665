-- $1 tenant, $2 conversation, $3 accounts or null for all.
select id, recipient, sender, account_id, last_inbound_id, last_inbound_at, created_at
from conversations
where tenant_id = $1::uuid and id = $2::uuid and ($3::uuid[] is null or account_id = any ($3::uuid[]))
