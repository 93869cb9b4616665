-- A suppression by its id or by its recipient. $1 tenant, $2 id or null, $3 recipient or null.
select id, recipient, category, reason, source, inbound_message_id, created_at, updated_at
from suppressions
where tenant_id = $1::uuid and (id = $2::uuid or recipient = $3::text)
