-- Inbound messages by their ids. $1 tenant, $2 ids.
select id, account_id, phone_number, sender, conversation_id, text, sent_at, received_at, in_reply_to, routed_by, message_token
from inbound_messages
where tenant_id = $1::uuid and id = any ($2::uuid[])
