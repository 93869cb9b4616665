-- Examines the messages to one recipient by their index. $7 recipient.
examined as materialized (
  select id, account_id, sender, recipient, category, client_reference, status
  from messages
  where tenant_id = $1::uuid and id < $2::uuid and id >= $3::uuid and recipient = $7::text
  order by id desc
  limit $4
)
