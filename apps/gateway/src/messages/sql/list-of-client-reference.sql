-- Examines the messages of one client reference by their index. $11 client reference.
examined as materialized (
  select id, account_id, sender, recipient, category, client_reference, status
  from messages
  where tenant_id = $1::uuid and id < $2::uuid and id >= $3::uuid and client_reference = $11::text
  order by id desc
  limit $4
)
