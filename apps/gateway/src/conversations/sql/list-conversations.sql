-- Conversations, the one with the newest reply first. $1 tenant, $2 below this reply, $3 most rows, $4 recipient,
-- $5 sender, $6 accounts; null asks for nothing.
select id, recipient, sender, account_id, last_inbound_id, last_inbound_at, created_at
from conversations
where tenant_id = $1::uuid and last_inbound_id < $2::uuid
  and ($4::text is null or recipient = $4::text)
  and ($5::text is null or sender = $5::text)
  and ($6::uuid[] is null or account_id = any ($6::uuid[]))
order by last_inbound_id desc
limit $3
