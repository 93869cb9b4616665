-- Inbound messages, newest first, and how far was looked: one row at least, whose id is null where none was found.
-- $1 tenant, $2 below this id, $3 from this id on, $4 most rows to examine, $5 most rows, $6 accounts or null for all,
-- $7 phone number or null.
with examined as materialized (
  select id, account_id, phone_number, sender, conversation_id, text, sent_at, received_at, in_reply_to, routed_by, message_token
  from inbound_messages
  where tenant_id = $1::uuid and id < $2::uuid and id >= $3::uuid
  order by id desc
  limit $4
)
select frontier.*, page.*
from (select count(*)::int as examined, (select id from examined order by id limit 1) as last_examined_id from examined) as frontier
left join (
  select * from examined
  where ($6::uuid[] is null or account_id = any ($6::uuid[])) and ($7::text is null or phone_number = $7::text)
  order by id desc
  limit $5
) as page on true
order by page.id desc
