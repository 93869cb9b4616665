-- Suppressions, newest first. $1 tenant, $2 below this id or null, $3 most rows, $4 recipient, $5 category, $6 source;
-- null asks for nothing.
select id, recipient, category, reason, source, inbound_message_id, created_at, updated_at
from suppressions
where tenant_id = $1::uuid and ($2::uuid is null or id < $2::uuid)
  and ($4::text is null or recipient = $4::text)
  and ($5::text is null or category = $5::text)
  and ($6::text is null or source = $6::text)
order by id desc
limit $3
